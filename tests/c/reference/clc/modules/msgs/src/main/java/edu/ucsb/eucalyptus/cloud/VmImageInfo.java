// SPDX-License-Identifier: GPL-3.0-only
package edu.ucsb.eucalyptus.cloud;

import org.apache.commons.lang.StringUtils;

/** Where the parts of an image lie. The architecture is not among them. */
public class VmImageInfo {
    private final String imageId;
    private final String kernelId;
    private final String ramdiskId;

    public VmImageInfo(String imageId, String kernelId, String ramdiskId) {
        this.imageId = imageId;
        this.kernelId = kernelId;
        this.ramdiskId = ramdiskId;
    }

    public String getImageId() {
        return imageId;
    }

    /** A guest without a kernel of its own boots from its disk. */
    public boolean hasKernel() {
        return !StringUtils.isBlank(kernelId);
    }

    public boolean hasRamdisk() {
        return !StringUtils.isBlank(ramdiskId);
    }
}
