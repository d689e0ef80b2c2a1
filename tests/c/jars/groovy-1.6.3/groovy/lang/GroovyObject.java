// SPDX-License-Identifier: GPL-3.0-only
package groovy.lang;

/** A stand-in: the name is what two versions of one library clash over. */
public interface GroovyObject {
    Object getProperty(String name);
}
