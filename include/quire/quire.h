/* quire: append-only files at the speed of the machine, with the durability that the caller chose.
 *
 * This header is all of it. Each part can be included alone.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_QUIRE_H
#define QUIRE_QUIRE_H

#include <quire/check.h>
#include <quire/error.h>
#include <quire/log.h>
#include <quire/observe.h>
#include <quire/reader.h>
#include <quire/stats.h>
#include <quire/version.h>
#include <quire/writer.h>

#endif
