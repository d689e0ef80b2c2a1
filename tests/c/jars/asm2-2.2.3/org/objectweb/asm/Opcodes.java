// SPDX-License-Identifier: GPL-3.0-only
package org.objectweb.asm;

/** A stand-in with the newest version of class files that the library of that time knew. */
public interface Opcodes {
    int V1_6 = 50;
}
