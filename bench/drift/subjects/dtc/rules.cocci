// SPDX-License-Identifier: GPL-3.0-or-later
// What Coccinelle can be told of the series: a parameter, its argument, a member. By counting: it has no names at calls.
@@
type T;
identifier a, b;
type A, B;
@@
T get_property(A a, B b
+ , bool counted
  ) { ... }

@@
type T;
identifier a, b;
type A, B;
@@
T get_property(A a, B b
+ , bool counted
  );

@@
expression a, b;
@@
get_property(a, b
+ , true
  )

@@
@@
struct property {
  ...
+ unsigned int seen;
};
