// SPDX-License-Identifier: GPL-3.0-only
package org.apache.commons.lang;

/** A stand-in with one method: no line of the real class is here. */
public final class StringUtils {
    private StringUtils() {}

    public static boolean isBlank(String text) {
        return text == null || text.trim().length() == 0;
    }
}
