/* SPDX-License-Identifier: GPL-3.0-only */
/*
 * The node controller has the address of its hypervisor compiled into it. A test that wants another one links this
 * with -Wl,--wrap=virConnectOpen and says it in the environment; without a word there, nothing changes.
 */
#include <libvirt/libvirt.h>
#include <stdlib.h>

virConnectPtr __real_virConnectOpen(const char *name);
virConnectPtr __wrap_virConnectOpen(const char *name);

virConnectPtr __wrap_virConnectOpen(const char *name)
{
    const char *other = getenv("TEST_LIBVIRT_URI");

    return __real_virConnectOpen(other != NULL ? other : name);
}
