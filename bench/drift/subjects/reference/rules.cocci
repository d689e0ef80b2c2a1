// SPDX-License-Identifier: GPL-3.0-or-later
// What Coccinelle can be told of the series: a parameter, its argument, a member. By counting: it has no names at calls.
@@
parameter list[12] first;
parameter list last;
type T;
@@
T allocate_instance(first,
+ char *archId,
  last) { ... }

@@
parameter list[12] first;
parameter list last;
type T;
@@
T allocate_instance(first,
+ char *archId,
  last);

@@
expression list[12] first;
expression list last;
@@
allocate_instance(first,
+ NULL,
  last)

@@
@@
struct ncInstance_t {
  ...
+ char archId[CHAR_BUFFER_SIZE];
};
