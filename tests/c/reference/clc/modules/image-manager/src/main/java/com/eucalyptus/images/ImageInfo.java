// SPDX-License-Identifier: GPL-3.0-only
package com.eucalyptus.images;

/** A registered image. */
public class ImageInfo {
    private String architecture = "i386";
    private String imageId;
    private String kernelId;
    private String ramdiskId;

    public String getArchitecture() {
        return architecture;
    }

    /** Takes any word: nobody asks here whether a node could run it. */
    public void setArchitecture(String architecture) {
        if (architecture != null) {
            this.architecture = architecture;
        }
    }

    public String getImageId() {
        return imageId;
    }

    public void setImageId(String imageId) {
        this.imageId = imageId;
    }

    public String getKernelId() {
        return kernelId;
    }

    public void setKernelId(String kernelId) {
        this.kernelId = kernelId;
    }

    public String getRamdiskId() {
        return ramdiskId;
    }

    public void setRamdiskId(String ramdiskId) {
        this.ramdiskId = ramdiskId;
    }
}
