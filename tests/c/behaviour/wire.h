/* SPDX-License-Identifier: GPL-3.0-only */
/* What the client of a node and the node itself agree on in these tests. */
#ifndef WIRE_H
#define WIRE_H

#define WIRE_LAUNCH_TIME 1303833600

/* Where the node leaves the instance that it was asked for, as its struct lies in memory, in its own folder. */
#define WIRE_ASKED "asked"

/* The node refuses an instance of this name. */
#define WIRE_REFUSED "i-refused"

#endif
