#define CALL(f, ...) f (__VA_ARGS__)
#if 0
int greet (char *n, int l) {
#else
int greet (n, l) char *n; int l; {
#endif
	return CALL (greet, n, 1) ? va_arg (ap, char *) : 0; /* greet () */
}
struct { char *n; union { int a:3; }; } t [] = { [0] = { "a" }, { .n = "greet" } };
