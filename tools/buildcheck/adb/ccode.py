# SPDX-License-Identifier: GPL-3.0-or-later
"""C text from a :class:`~.model.Service`: one function for each file that is written. Same input, same bytes."""

from __future__ import annotations

import string
from typing import TYPE_CHECKING

from .model import Element, Kind, Operation, Service, Type

if TYPE_CHECKING:
    from collections.abc import Iterator

__all__ = ["client_files", "service_files", "type_files"]

_PLAIN = frozenset(string.ascii_letters + string.digits + "!#$%&'()*+,-./:;<=>@[]^_`{|}~ ")
_ENV = "const axutil_env_t *env"

_VALUES = {
    Kind.TEXT: ("axis2_char_t *", "const axis2_char_t *", "text", "ADB_TEXT"),
    Kind.BOOLEAN: ("axis2_bool_t ", "axis2_bool_t ", "number", "ADB_BOOLEAN"),
    Kind.SHORT: ("short ", "short ", "number", "ADB_SHORT"),
    Kind.INT: ("int ", "int ", "number", "ADB_INT"),
    Kind.LONG: ("long long ", "long long ", "number", "ADB_LONG"),
    Kind.TIME: ("axutil_date_time_t *", "axutil_date_time_t *", "time", "ADB_TIME"),
}
"""How each kind is returned, how it is passed, and what the runtime calls it."""


def type_files(service: Service) -> dict[str, str]:
    """Return the header and the source of each type and of each global element, by file name."""
    files: dict[str, str] = {}
    for type_ in service.types:
        files[f"adb_{type_.name}.h"] = _text(_type_header(service, type_))
        files[f"adb_{type_.name}.c"] = _text(_type_source(service, type_))
    return files


def client_files(service: Service) -> dict[str, str]:
    """Return the stub, by which a client calls the service."""
    name = f"axis2_stub_{service.name}"
    return {f"{name}.h": _text(_stub_header(service, name)), f"{name}.c": _text(_stub_source(service, name))}


def service_files(service: Service) -> dict[str, str]:
    """Return the skeleton that add_marshalling.pl fills in, what calls it, and the description for deployment."""
    name, caller = f"axis2_skel_{service.name}", f"axis2_svc_skel_{service.name}"
    return {
        f"{name}.h": _text(_skeleton_header(service, name)),
        f"{name}.c": _text(_skeleton_source(service, name)),
        f"{caller}.c": _text(_caller_source(service, caller)),
        "services.xml": _text(_description(service)),
    }


def _text(lines: Iterator[str]) -> str:
    return "".join(f"{line}\n" for line in lines)


def _banner(service: Service) -> Iterator[str]:
    yield "/* SPDX-License-Identifier: GPL-3.0-or-later */"
    yield f"/* Written by adb from {service.source}. Changes are lost when it is written again. */"


def _guarded(service: Service, name: str, body: Iterator[str]) -> Iterator[str]:
    guard = f"INCLUDE_{name}_H"
    yield from _banner(service)
    yield f"#ifndef {guard}"
    yield f"#define {guard}"
    yield ""
    yield from body
    yield ""
    yield "#endif"


# --- types ------------------------------------------------------------------------------------------------


def _type_header(service: Service, type_: Type) -> Iterator[str]:
    def body() -> Iterator[str]:
        yield "#include <adb_object.h>"
        yield from _includes(dict.fromkeys(e.type for e in type_.elements if isinstance(e.type, str)))
        yield ""
        yield f"typedef struct adb_{type_.name} adb_{type_.name}_t;"
        yield f"extern const struct adb_type adb_{type_.name}_type;"
        yield ""
        for signature, _ in _functions(type_):
            yield f"{signature};"

    return _guarded(service, f"adb_{type_.name}", body())


def _includes(names: dict[str, None]) -> Iterator[str]:
    for name in names:
        yield f'#include "adb_{name}.h"'


def _type_source(service: Service, type_: Type) -> Iterator[str]:
    yield from _banner(service)
    yield f'#include "adb_{type_.name}.h"'
    yield ""
    fields = "0"
    if type_.elements:
        fields = "fields"
        yield "static const struct adb_field fields[] = {"
        for element in type_.elements:
            yield f"    {_field(element)},"
        yield "};"
        yield ""
    uri = _string(service.namespace)
    yield f"const struct adb_type adb_{type_.name}_type = {{"
    yield f'    "{type_.name}", {uri}, {fields}, {len(type_.elements)},'
    yield "};"
    for signature, statement in _functions(type_):
        yield ""
        yield signature
        yield "{"
        yield f"    return {statement};"
        yield "}"


def _field(element: Element) -> str:
    described, kind = ("0", "") if isinstance(element.type, Kind) else (f"&adb_{element.type}_type", "ADB_OBJECT")
    if isinstance(element.type, Kind):
        kind = _VALUES[element.type][3]
    most = "ADB_UNBOUNDED" if element.most < 0 else str(element.most)
    return (
        f'{{"{element.name}", {described}, {kind}, {element.least}, {most}, '
        f"{int(element.qualified)}, {int(element.nillable)}}}"
    )


def _functions(type_: Type) -> Iterator[tuple[str, str]]:
    """Yield the signature of each function of a type, and the expression that it returns."""
    name = f"adb_{type_.name}"
    yield f"{name}_t *{name}_create({_ENV})", f"({name}_t *)adb_object_create(env, &{name}_type)"
    yield f"axis2_status_t {name}_free({name}_t *self, {_ENV})", "adb_object_free((struct adb_object *)self, env)"
    for at, element in enumerate(type_.elements):
        yield from _accessors(name, element, at)


def _accessors(name: str, element: Element, at: int) -> Iterator[tuple[str, str]]:
    self_ = f"{name}_t *self, {_ENV}"
    this = "(struct adb_object *)self"
    if isinstance(element.type, Kind):
        returned, passed, suffix, _ = _VALUES[element.type]
        back, value = f"({returned.strip()})" if suffix == "number" else "", "value"
    else:
        returned = passed = f"adb_{element.type}_t *"
        suffix, back, value = "object", f"({returned.strip()})", "(struct adb_object *)value"
    if element.is_list:
        yield f"int {name}_sizeof_{element.name}({self_})", f"adb_count({this}, {at})"
        yield f"{returned}{name}_get_{element.name}_at({self_}, int i)", f"{back}adb_get_{suffix}({this}, {at}, i)"
        verb = "add"
    else:
        yield f"{returned}{name}_get_{element.name}({self_})", f"{back}adb_get_{suffix}({this}, {at}, 0)"
        verb = "set"
    yield (
        f"axis2_status_t {name}_{verb}_{element.name}({self_}, {passed}value)",
        f"adb_{verb}_{suffix}({this}, env, {at}, {value})",
    )


# --- operations -------------------------------------------------------------------------------------------


def _messages(service: Service) -> dict[str, None]:
    return dict.fromkeys(name for operation in service.operations for name in (operation.input, operation.output))


def _operations(service: Service) -> Iterator[str]:
    """Yield the description of the service, as data."""
    yield "static const struct adb_operation operations[] = {"
    for operation in service.operations:
        action = _string(operation.action)
        yield f'    {{"{operation.name}", {action}, &adb_{operation.input}_type, &adb_{operation.output}_type}},'
    yield "};"
    yield ""
    yield f'static const struct adb_service service = {{"{service.name}", operations, {len(service.operations)}}};'


def _string(text: str) -> str:
    """Return a string literal of C that holds *text*, as UTF-8."""
    plain = "".join(chr(byte) if chr(byte) in _PLAIN else f"\\{byte:03o}" for byte in text.encode())
    return f'"{plain}"'


# --- the client -------------------------------------------------------------------------------------------


def _stub_create(name: str) -> str:
    service = name.removeprefix("axis2_stub_")
    return (
        f"axis2_stub_t *axis2_stub_create_{service}({_ENV}, const axis2_char_t *client_home,\n"
        f"{' ' * len(f'axis2_stub_t *axis2_stub_create_{service}(')}const axis2_char_t *endpoint_uri)"
    )


def _stub_call(service: Service, operation: Operation) -> str:
    head = f"adb_{operation.output}_t *axis2_stub_op_{service.name}_{operation.name}("
    return f"{head}axis2_stub_t *stub, {_ENV},\n{' ' * len(head)}adb_{operation.input}_t *request)"


def _stub_header(service: Service, name: str) -> Iterator[str]:
    def body() -> Iterator[str]:
        yield "#include <axis2_stub.h>"
        yield from _includes(_messages(service))
        yield ""
        yield "/* client_home is not used: there is nothing to be configured. */"
        yield f"{_stub_create(name)};"
        for operation in service.operations:
            yield ""
            yield f"{_stub_call(service, operation)};"

    return _guarded(service, name, body())


def _stub_source(service: Service, name: str) -> Iterator[str]:
    yield from _banner(service)
    yield f'#include "{name}.h"'
    yield ""
    yield "#include <adb_service.h>"
    yield ""
    yield from _operations(service)
    yield ""
    yield _stub_create(name)
    yield "{"
    yield "    (void)client_home;"
    yield "    return adb_stub_create(env, &service, endpoint_uri);"
    yield "}"
    for at, operation in enumerate(service.operations):
        yield ""
        yield _stub_call(service, operation)
        yield "{"
        yield f"    return (adb_{operation.output}_t *)adb_stub_call(stub, env, {at}, (struct adb_object *)request);"
        yield "}"


# --- the service ------------------------------------------------------------------------------------------


def _skeleton_function(service: Service, operation: Operation) -> str:
    head = f"adb_{operation.output}_t* axis2_skel_{service.name}_{operation.name} ("
    return f"{head}{_ENV},\n{' ' * len(head)}adb_{operation.input}_t* {operation.input})"


def _skeleton_header(service: Service, name: str) -> Iterator[str]:
    def body() -> Iterator[str]:
        yield "#include <axutil_env.h>"
        yield from _includes(_messages(service))
        for operation in service.operations:
            yield ""
            yield f"{_skeleton_function(service, operation)};"

    return _guarded(service, name, body())


def _skeleton_source(service: Service, name: str) -> Iterator[str]:
    """Yield functions that do nothing yet: without a brace in them, for add_marshalling.pl replaces them."""
    yield from _banner(service)
    yield f'#include "{name}.h"'
    for operation in service.operations:
        yield ""
        yield _skeleton_function(service, operation)
        yield "        {"
        yield "          /* to be filled in */"
        yield "          return 0;"
        yield "        }"


def _caller_source(service: Service, caller: str) -> Iterator[str]:
    """Yield what the program that serves calls.

    The lines with 8 and with 14 blanks are those that the trees' axis2_svc_generated.patch know.
    """
    yield from _banner(service)
    yield "/*"
    yield f" * Hands a request for {service.name} to its operation, and the operation's answer back. The tree's"
    yield " * axis2_svc_generated.patch adds that nothing is done before it is known whose request it is."
    yield " */"
    yield ""
    yield f'        #include "axis2_skel_{service.name}.h"'
    yield ""
    yield "        #include <adb_service.h>"
    yield "        #include <axis2_svc_skeleton.h>"
    yield "        #include <stdio.h>"
    yield "        #include <string.h>"
    yield ""
    yield from _operations(service)
    yield ""
    yield "const struct adb_service *adb_get_service(void)"
    yield "{"
    yield "    return &service;"
    yield "}"
    for operation in service.operations:
        yield ""
        yield from _call(service, operation)
    yield ""
    yield from _invoke(service, caller)
    yield from _instance(caller)


def _call(service: Service, operation: Operation) -> Iterator[str]:
    yield f"static axiom_node_t *call_{operation.name}({_ENV}, axiom_node_t *content)"
    yield "{"
    yield "    struct adb_object *request, *answer;"
    yield ""
    yield f"    if ((request = adb_read_element(env, &adb_{operation.input}_type, content)) == NULL)"
    yield "        return NULL;"
    yield f"    answer = (struct adb_object *)axis2_skel_{service.name}_{operation.name}("
    yield f"        env, (adb_{operation.input}_t *)request);"
    yield "    return answer != NULL ? adb_write_element(env, answer) : NULL;"
    yield "}"


def _invoke(service: Service, caller: str) -> Iterator[str]:
    yield "static axiom_node_t *"
    yield f"{caller}_invoke(axis2_svc_skeleton_t *skeleton, {_ENV}, axiom_node_t *content_node,"
    yield f"{' ' * len(f'{caller}_invoke(')}axis2_msg_ctx_t *msg_ctx)"
    yield "{"
    yield "              axis2_op_ctx_t *operation_ctx = NULL;"
    yield "              axis2_op_t *operation = NULL;"
    yield "              const axis2_char_t *name = NULL;"
    yield ""
    yield "              (void)skeleton;"
    yield "              operation_ctx = axis2_msg_ctx_get_op_ctx(msg_ctx, env);"
    yield "              operation = axis2_op_ctx_get_op(operation_ctx, env);"
    yield "              name = axutil_qname_get_localpart(axis2_op_get_qname(operation, env), env);"
    for operation in service.operations:
        yield f'              if (strcmp(name, "{operation.name}") == 0)'
        yield f"                  return call_{operation.name}(env, content_node);"
    yield "              return NULL;"
    yield "}"


def _instance(caller: str) -> Iterator[str]:
    yield f"""
static axis2_status_t {caller}_init(axis2_svc_skeleton_t *skeleton, {_ENV})
{{
    (void)skeleton;
    (void)env;
    return AXIS2_SUCCESS;
}}

static axis2_status_t {caller}_free(axis2_svc_skeleton_t *skeleton, {_ENV})
{{
    (void)skeleton;
    (void)env;
    return AXIS2_SUCCESS;
}}

static const axis2_svc_skeleton_ops_t ops = {{{caller}_init, {caller}_invoke, {caller}_free}};
static axis2_svc_skeleton_t instance = {{&ops}};

int axis2_get_instance(axis2_svc_skeleton_t **skeleton, {_ENV})
{{
    (void)env;
    *skeleton = &instance;
    return AXIS2_SUCCESS;
}}

int axis2_remove_instance(axis2_svc_skeleton_t *skeleton, {_ENV})
{{
    return skeleton != NULL ? skeleton->ops->free(skeleton, env) : AXIS2_FAILURE;
}}"""


def _description(service: Service) -> Iterator[str]:
    yield "<!-- SPDX-License-Identifier: GPL-3.0-or-later -->"
    yield f"<!-- Written by adb from {_comment(service.source)}. -->"
    yield f'<service name="{service.name}">'
    yield f'    <parameter name="ServiceClass">{service.name}</parameter>'
    for operation in service.operations:
        yield f'    <operation name="{operation.name}"/>'
    yield "</service>"


def _comment(text: str) -> str:
    return text.replace("--", "- -")
