// SPDX-License-Identifier: GPL-3.0-only
package org.bouncycastle.jce.provider;

/** A stand-in that has the name and provides nothing. */
public final class BouncyCastleProvider {
    public static final String PROVIDER_NAME = "BC";

    private BouncyCastleProvider() {}
}
