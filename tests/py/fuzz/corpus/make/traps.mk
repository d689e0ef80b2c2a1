include Makedefs
A = x \
	y # c
ifdef B
all: a.o \
  b.o ; @echo $(A)
else
all::
	@echo \
	x
endif
define C
	x
endef
%.o: %.c | dir
