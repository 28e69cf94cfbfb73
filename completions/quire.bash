# bash completion for quire: the commands, their options, and what an option takes.
#
# SPDX-License-Identifier: MIT

_quire_commands='append cat tail wait export info verify repair trim truncate mount umount torture bench doctor'

# The options of a command that take a value: as a pattern for all of it, without the dashes.
_quire_valued() {
    case $1 in
        append) echo 'chunks|record-most|sync|rotate|keep|compress|method' ;;
        cat) echo 'format|from|to|since|until|number|n' ;;
        tail) echo 'format|number|n' ;;
        wait) echo 'durable|timeout' ;;
        export) echo 'format|fields|level-field|payload|from|to|since|until|compress|row-group' ;;
        verify) echo 'threads' ;;
        trim) echo 'before|before-time' ;;
        truncate) echo 'after' ;;
        mount) echo 'mode|compress|gather|flush|block|segment' ;;
        torture) echo 'method|sync|rotate|keep|compress|block|blocks|states|seed|run|wreck|load-most' ;;
        doctor) echo 'seconds|json' ;;
        bench)
            echo 'dir|records|methods|peers|buffers|threads|rounds|sync|rate|arrival|slo|series|interval|trace' \
                'cpuprofile|memprofile|json|csv|markdown|html' | tr ' ' '|'
            ;;
        'bench log') echo 'dir|records|segments|rounds|only|json' ;;
        'bench fuse') echo 'dir|modes|sizes|payloads|bytes|rounds|throttle|json|csv|plot' ;;
        'bench sync') echo 'dir|records-size|count|time|rounds|files|methods|json|csv' ;;
        'bench compare') echo 'old|new|figure|alpha|min-effect|relative-to|fail-if|json' ;;
        'bench micro') echo 'filter|benchtime|count|cpu|dir' ;;
        *) echo 'none' ;;
    esac
}

# What such an option takes, as far as it can be named: words, or @dir or @file.
_quire_values() {
    case $1:$2 in
        append:--sync) echo 'each batch interval: end none' ;;
        torture:--method) echo 'all paged uring mmap write' ;;
        torture:--sync) echo 'each request interval: none' ;;
        torture:--wreck) echo @dir ;;
        mount:--mode) echo 'plain passthrough log' ;;
        mount:--compress) echo 'zstd zstd: lz4 none' ;;
        mount:--gather) echo '0 64K 256K 1M' ;;
        append:--compress | torture:--compress) echo 'zstd zstd: lz4' ;;
        append:--method) echo 'paged uring mmap write' ;;
        append:--rotate) echo '16M 64M 256M 1G 1h 1d' ;;
        append:--keep) echo '1G 10G 1d 7d 30d' ;;
        append:--chunks) echo '4K 64K 1M' ;;
        cat:--format | tail:--format) echo 'raw lines json hex record bytes' ;;
        export:--format) echo 'whole record lines' ;;
        export:--fields) echo 'auto' ;;
        export:--payload) echo 'text bytes none' ;;
        export:--compress) echo 'zstd zstd: none' ;;
        export:--row-group) echo '100000 1000000 64M 128M' ;;
        cat:--since | cat:--until | export:--since | export:--until | trim:--before-time) echo '-1h -1d -7d' ;;
        'bench fuse:--modes') echo 'native plain writeback passthrough log+lz4 log+zstd' ;;
        'bench fuse:--payloads') echo 'access json metrics random' ;;
        'bench fuse:--throttle') echo '100M,250M,500M' ;;
        'bench log:--only') echo 'read open follow rotate' ;;
        bench:--arrival) echo 'fixed poisson' ;;
        bench:--sync) echo 'end each none' ;;
        bench*:--dir) echo @dir ;;
        *:--json | *:--csv | *:--markdown | *:--html | *:--series | *:--trace | *:--plot | *:--cpuprofile | *:--memprofile | \
            *:--old | *:--new) echo @file ;;
    esac
}

# The options of a command, from its own --help.
_quire_options() {
    local name
    read -ra name <<<"$1"
    "$_quire_program" "${name[@]}" --help 2>/dev/null | grep -E '^ +-' |
        grep -oE -- '(^ +-[a-z]\b|--[a-z-]+)' | tr -d ' ' | sort -u
}

_quire() {
    local _quire_program=${1:-quire} current=${COMP_WORDS[COMP_CWORD]} previous=${COMP_WORDS[COMP_CWORD - 1]}
    local command=${COMP_WORDS[1]} words='' operands=-d
    COMPREPLY=()
    if ((COMP_CWORD == 1)); then
        mapfile -t COMPREPLY < <(compgen -W "$_quire_commands --help --version" -- "$current")
        return
    fi
    [[ " $_quire_commands " == *" $command "* ]] || return
    if [[ $command == bench && $COMP_CWORD -eq 2 ]]; then
        words='compare fuse log micro sync'
    elif [[ $command == bench && ${COMP_WORDS[2]} =~ ^(compare|fuse|log|micro|sync)$ ]]; then
        command+=" ${COMP_WORDS[2]}"
    fi
    [[ $command == 'bench compare' || $command == export ]] && operands=-f
    if [[ $previous =~ ^--?($(_quire_valued "$command"))$ ]]; then
        words=$(_quire_values "$command" "$previous")
        case $words in
            @dir) mapfile -t COMPREPLY < <(compgen -d -- "$current") ;;
            @file) mapfile -t COMPREPLY < <(compgen -f -- "$current") ;;
            *) mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current") ;;
        esac
    elif [[ $current == -* ]]; then
        mapfile -t COMPREPLY < <(compgen -W "$(_quire_options "$command")" -- "$current")
    else
        mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current"; compgen "$operands" -- "$current")
    fi
    # What ends in a colon goes on.
    [[ ${#COMPREPLY[@]} -eq 1 && ${COMPREPLY[0]} == *: ]] && compopt -o nospace 2>/dev/null
    return 0
}

complete -o filenames -F _quire quire
