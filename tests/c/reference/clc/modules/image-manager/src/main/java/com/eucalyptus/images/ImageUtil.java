// SPDX-License-Identifier: GPL-3.0-only
package com.eucalyptus.images;

import edu.ucsb.eucalyptus.cloud.VmImageInfo;

/** Makes what a node is told of what was registered. */
public final class ImageUtil {
    private ImageUtil() {}

    public static VmImageInfo getVmImageInfo(ImageInfo disk) {
        return new VmImageInfo(disk.getImageId(), disk.getKernelId(), disk.getRamdiskId());
    }
}
