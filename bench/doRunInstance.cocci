// SPDX-License-Identifier: GPL-3.0-or-later
// The same for doRunInstance: the two forms of its definition, and the calls by name and through a pointer.
@@
parameter list first, last;
identifier P = ramdiskURL;
type T;
@@
T doRunInstance(first, char *P,
+ char *archId,
  last) { ... }

@@
expression list[10] first;
expression list last;
@@
doRunInstance(first,
+ NULL,
  last)

@@
expression E;
expression list[11] first;
expression list last;
@@
E->doRunInstance(first,
+ NULL,
  last)
