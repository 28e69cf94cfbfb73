"""Spoiling a JSON document, field by field: a schema must notice each time.

SPDX-License-Identifier: MIT
"""
import copy


def fields(node, path=()):
    """The path of every field, in the first and the last element of each array."""
    if isinstance(node, dict):
        for key, value in node.items():
            yield (*path, key)
            yield from fields(value, (*path, key))
    elif isinstance(node, list) and node:
        for index in {0, len(node) - 1}:
            yield from fields(node[index], (*path, index))


def spoilt(report, path, may_be_missing):
    """(how, document) for one field: once missing, once misspelt, once of another type."""
    def changed(change):
        document = copy.deepcopy(report)
        holder = document
        for step in path[:-1]:
            holder = holder[step]
        change(holder, path[-1])
        return document

    if not may_be_missing(path):
        yield "missing", changed(lambda holder, key: holder.pop(key))
    yield "misspelt", changed(lambda holder, key: holder.update({key + "s": holder.pop(key)}))
    yield "null", changed(lambda holder, key: holder.update({key: None}))
