/* The command line of quire mount: each option, and what they mean together.
 *
 * SPDX-License-Identifier: MIT */
#include "options.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include <quire/quire.h>

#include "arguments.h"
#include "bytes/file.h"
#include "command.h"
#include "log_numbers.h"
#include "say.h"

#define COMPLAIN(...) command_complain(MOUNT_COMMAND, EXIT_USAGE, __VA_ARGS__)

static const char help[] =
    "usage: quire mount [OPTION...] BACKING MOUNTPOINT\n"
    "Shows the directory BACKING at MOUNTPOINT, where any program appends to files as it does everywhere.\n"
    "Goes to the background once the mount answers. `quire umount MOUNTPOINT` ends it, `quire info\n"
    "MOUNTPOINT` says what it does.\n"
    "\n"
    "  --mode MODE       plain        a file is the file of the same name in BACKING (default)\n"
    "                    passthrough  and the kernel goes to it by itself: root, Linux 6.9\n"
    "                    log          a file NAME is the log NAME.quire in BACKING\n"
    "  --compress CODEC  the blocks of log: zstd, zstd:1 to zstd:19, lz4 or none (default: lz4)\n"
    "  --writeback       plain only: writes stay in the kernel's cache until it sends them: fast, and\n"
    "                    lost if the daemon dies\n"
    "  --gather SIZE     plain only: appends gather in the daemon up to SIZE; 0 does not (default: 256K\n"
    "                    where BACKING is on a network file system, else 0)\n"
    "  --flush MS        what was gathered goes to BACKING after so long at most (default: 1000)\n"
    "  --block SIZE      of the blocks of log\n"
    "  --segment SIZE    of the segments of log\n"
    "  --allow-other     other users may use the mount too, if /etc/fuse.conf allows it; root's always is\n"
    "  --stats           with -f: print the counters at the end\n"
    "  -f                stay in the foreground\n"
    "  --help            print this\n"
    "\n"
    "SIZE: 64K, 64M, 1G (4096B: bytes). See quire-mount(1).\n"
    "exit: 0 mounted, or with -f unmounted again; 1 failed; 2 not understood.\n";

enum option_code { MODE, COMPRESS, WRITEBACK, GATHER, FLUSH, BLOCK, SEGMENT, ALLOW_OTHER, STATS };

static const struct option options[] = {
    {"mode", required_argument, NULL, MODE},
    {"compress", required_argument, NULL, COMPRESS},
    {"writeback", no_argument, NULL, WRITEBACK},
    {"gather", required_argument, NULL, GATHER},
    {"flush", required_argument, NULL, FLUSH},
    {"block", required_argument, NULL, BLOCK},
    {"segment", required_argument, NULL, SEGMENT},
    {"allow-other", no_argument, NULL, ALLOW_OTHER},
    {"stats", no_argument, NULL, STATS},
    {"help", no_argument, NULL, 'h'},
    {NULL, 0, NULL, 0},
};

enum { FLUSH_DEFAULT_MS = 1000, FLUSH_MOST_MS = 3600 * 1000, LEVEL_MOST = 19 };
#define GATHER_LEAST (UINT64_C(4) << 10)
#define GATHER_MOST (UINT64_C(256) << 20)
#define SIZE_MOST (UINT64_C(1) << 40)
#define PAGE UINT64_C(4096)
#define BLOCK_MOST (UINT64_C(16) << 20)
#define SEGMENT_OVER (UINT64_C(16) << 10)

static int take_mode(struct settings *settings, const char *text)
{
    for (enum mode mode = MODE_PLAIN; mode <= MODE_LOG; mode++)
        if (strcmp(text, mode_name(mode)) == 0) {
            settings->mode = mode;
            return EXIT_DONE;
        }
    return COMPLAIN("--mode takes plain, passthrough or log, not \"%s\"", text);
}

static bool has_feature(const char *name)
{
    const char *at = strstr(quire_features(), name);
    return at != NULL;
}

static int take_compress(struct settings *settings, const char *text)
{
    uint64_t level = 0;
    bool is_zstd = strncmp(text, "zstd", 4) == 0, is_lz4 = strcmp(text, "lz4") == 0;
    bool is_leveled = is_zstd && text[4] == ':' && log_parse_sequence(text + 5, &level) && level <= LEVEL_MOST;

    settings->is_compress_given = true;
    settings->codec = QUIRE_CODEC_NONE;
    if (strcmp(text, "none") == 0)
        return EXIT_DONE;
    if (!is_lz4 && !is_leveled && strcmp(text, "zstd") != 0)
        return COMPLAIN("--compress takes zstd, zstd:1 to zstd:19, lz4 or none, not \"%s\"", text);
    if (!has_feature(is_lz4 ? "lz4" : "zstd"))
        return COMPLAIN("--compress %s is not in this build: it was made without that library", text);
    settings->codec = is_lz4 ? QUIRE_CODEC_LZ4 : QUIRE_CODEC_ZSTD;
    settings->codec_level = (int32_t)level;
    return EXIT_DONE;
}

static int take_gather(struct settings *settings, const char *text)
{
    uint64_t bytes;

    if (!log_parse_bytes(text, &bytes) || (bytes != 0 && (bytes < GATHER_LEAST || bytes > GATHER_MOST)))
        return COMPLAIN("--gather takes 0 or a size from 4K to 256M, not \"%s\"", text);
    settings->gather_bytes = bytes;
    settings->is_gather_given = true;
    return EXIT_DONE;
}

static int take_size(const char *option, const char *text, uint64_t *bytes)
{
    uint64_t value;

    if (!log_parse_bytes(text, &value) || value == 0 || value > SIZE_MOST)
        return COMPLAIN("%s takes a size up to 1T, like 64K or 1M, not \"%s\"", option, text);
    *bytes = value;
    return EXIT_DONE;
}

static int take_flag(struct settings *settings, int code)
{
    if (code == WRITEBACK)
        settings->writeback = true;
    else if (code == ALLOW_OTHER)
        settings->allow_other = true;
    else if (code == STATS)
        settings->stats = true;
    else if (code == 'f')
        settings->foreground = true;
    return EXIT_DONE;
}

static int take_option(void *context, int code)
{
    struct settings *settings = context;

    switch (code) {
    case MODE:
        return take_mode(settings, optarg);
    case COMPRESS:
        return take_compress(settings, optarg);
    case GATHER:
        return take_gather(settings, optarg);
    case FLUSH:
        return command_take_number(MOUNT_COMMAND, "--flush", optarg, 1, FLUSH_MOST_MS, &settings->flush_ms);
    case BLOCK:
        return take_size("--block", optarg, &settings->block_bytes);
    case SEGMENT:
        return take_size("--segment", optarg, &settings->segment_bytes);
    default:
        return take_flag(settings, code);
    }
}

/* Each file that is written holds a dozen blocks in memory, and a segment its header and a footer beside one block. */
static int check_sizes(const struct settings *settings)
{
    uint64_t block = settings->block_bytes ? settings->block_bytes : BYTES_FILE_BLOCK;

    if (block % PAGE != 0 || block < PAGE || block > BLOCK_MOST)
        return COMPLAIN("--block takes 4K to 16M, in whole pages of 4K");
    if (settings->segment_bytes % PAGE != 0 ||
        (settings->segment_bytes && settings->segment_bytes < block + SEGMENT_OVER))
        return COMPLAIN("--segment takes whole pages of 4K, and 16K more than a block (%" PRIu64 "K) at least",
                        block / 1024);
    return EXIT_DONE;
}

/* What options mean together. */
static int check(void *context)
{
    struct settings *settings = context;
    bool is_log = settings->mode == MODE_LOG;

    if (!is_log && (settings->is_compress_given || settings->block_bytes || settings->segment_bytes))
        return COMPLAIN("--compress, --block and --segment are for logs; give --mode log too");
    if (settings->writeback && settings->mode != MODE_PLAIN)
        return COMPLAIN(
            "--writeback has the kernel send pages again, late and out of order, which only --mode plain takes");
    if (settings->is_gather_given && settings->mode != MODE_PLAIN)
        return COMPLAIN("--gather is for --mode plain; %s", is_log
                                                                ? "a log always gathers a block, whose size is --block"
                                                                : "passthrough has no daemon in the way");
    if (settings->writeback && settings->gather_bytes > 0)
        return COMPLAIN("--writeback has the kernel gather already; give it or --gather");
    if (settings->stats && !settings->foreground)
        return COMPLAIN(
            "--stats prints at the end, for which there is -f; `quire info MOUNTPOINT` prints while it runs");
    if (is_log && !settings->is_compress_given && has_feature("lz4"))
        settings->codec = QUIRE_CODEC_LZ4;
    else if (is_log && !settings->is_compress_given && has_feature("zstd"))
        settings->codec = QUIRE_CODEC_ZSTD;
    return check_sizes(settings);
}

bool options_take(int argc, char **argv, struct settings *settings, int *exit_code)
{
    const struct command_options taken = {.command = MOUNT_COMMAND,
                                          .help = help,
                                          .options = options,
                                          .letters = "f",
                                          .operands = true,
                                          .take = take_option,
                                          .check = check};

    *settings = (struct settings){.flush_ms = FLUSH_DEFAULT_MS};
    if (!command_take_line(&taken, argc, argv, settings, exit_code))
        return false;
    if (argc - optind != 2) {
        *exit_code = COMPLAIN("it takes two directories, BACKING and MOUNTPOINT, not %d; see `%s --help`",
                              argc - optind, MOUNT_COMMAND);
        return false;
    }
    settings->backing = argv[optind];
    settings->mountpoint = argv[optind + 1];
    return true;
}
