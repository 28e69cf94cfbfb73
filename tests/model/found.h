/* Lists of steps that once found something, each shrunk to the least: they are taken again, forever.
 *
 * SPDX-License-Identifier: MIT */
#ifndef QUIRE_TESTS_MODEL_FOUND_H
#define QUIRE_TESTS_MODEL_FOUND_H

#include <stdint.h>

struct found {
    const char *name;
    uint64_t schedule; /* of what threads do when: the one with which it came to light */
    const char *ops;
};

static const struct found found[] = {
    {"drop_behind_a_claim_at_close", 1, "open sync=each extra=1 full=drop; claim; batch; append; append; append"},
    {"lane_behind_a_claim_at_close", 1, "open; claim; lane-open; lane-append bytes=996 times=8"},
    {"wait_with_a_claim", 1, "open sync=interval; claim; wait"},
    {"sync_after_publish", UINT64_C(3132748558305032320),
     "open sync=interval continue=1; claim; append bytes=1995 times=3; batch bytes=962 records=1; claim bytes=59;"
     "pause ms=1; claim; publish; sync"},
    {"last_of_a_lane_with_each", 1, "open sync=each; lane-open; claim; lane-append; lane-flush"},
    {"time_behind_a_large_record", 1, "open extra=1 times=1; lane-open; lane-append; append bytes=3993"},
    {"truncate_to_the_first_block", 1,
     "open; append bytes=379 times=35; flush; append times=1; close; open keep=1; append times=20; close;"
     "truncate back=22"},
    {"truncate_with_a_number_left_out", UINT64_C(10303128096686702470),
     "open; append; rotate; crash; open; batch records=1; rotate; batch records=1; close; truncate back=3"},
    {"repair_with_a_number_left_out", UINT64_C(7655664482785573035),
     "open; append bytes=1997 times=6; crash; open prepare=written; follow; close; repair"},
    {"torn_block_behind_a_blank", UINT64_C(6064570974106264656),
     "open extra=1; batch; batch bytes=783 records=4; crash state=4; open prepare=written; append; close; repair"},
    {"follower_overtaken", 1, "open sync=each keep=1; append; follow; append times=3; close; follow"},
    {"follower_and_a_number_left_out", UINT64_C(3100244978619907533),
     "open method=write block=1; append; claim bytes=3963; append bytes=4126; append; crash state=2; open method=write;"
     "rotate; append times=1; follow; close; open; append"},
    {"follower_in_an_open_segment", UINT64_C(13624450791815390094),
     "open; append bytes=497 times=28; crash; open sync=each; follow; append; batch; append; batch; append; follow"},
    {"follower_and_a_number_given_again", UINT64_C(8921199169208737910),
     "open extra=2; kill; open method=write extra=2 keep=1; append times=28; crash state=8; open; pause ms=1; follow;"
     "close; open block=1 extra=1; batch bytes=2010 records=3; append"},
    {"durable_without_live_overtaken", 1,
     "open quiet=1; append; sync; follow durable=1; append bytes=997 times=27; trim; follow"},
    {"seek_overtaken", UINT64_C(8706315747531892111),
     "open extra=28 keep=1 prepare=written full=again; rotate; rotate; sync; batch; rotate; seek; append; rotate;"
     "seek back=1"},
    {"chain_overtaken", UINT64_C(11296768612063126137), "open keep=1 chain=1; append bytes=797 times=12; sync; verify"},
    {"name_of_who_was_killed", UINT64_C(7894475773262752139),
     "open method=uring sync=each extra=5 full=again; batch; seek; append; append; append; append; batch; append;"
     "claim; append times=25; kill; open; append; sync; crash"},
    {"inspect_overtaken", UINT64_C(4284847251141233758),
     "open method=uring block=2 extra=2; append bytes=12189; stats; claim; trim; follow; crash;"
     "open block=2 full=again; append bytes=3045 times=9; append; append; verify; inspect"},
    {"repair_where_a_footer_was", UINT64_C(2749574381651484643),
     "open method=write sync=none; append; append times=1; sync; rotate; crash stale=1; open; close; repair"},
    {"live_comes_back", UINT64_C(1956454722521437769),
     "open; append; close; crash state=11; open quiet=1; close; truncate back=1; crash"},
    {"follower_at_one_that_was_ready", UINT64_C(3688704723509683925),
     "open; follow; crash; open method=write quiet=1; append; follow; close; open rotate=1; append; wait;"
     "pause ms=1; trim"},
    {"seek_before_lanes", UINT64_C(12641065601025503083),
     "open sync=interval count=1 times=1; lane-open; lane-append bytes=1956; claim; lane-append bytes=2029;"
     "sync back=1; append; publish; seek"},
    {"chain_over_a_lost_footer", UINT64_C(2219111792147000128),
     "open sync=each chain=1; batch; rotate; append times=3; crash; open chain=1; append bytes=797 times=4; verify"},
    {"repair_behind_the_end", UINT64_C(8487675511833197541),
     "open method=uring extra=1; append bytes=3997; read durable=1; crash state=7; open method=uring; append;"
     "close; repair"},
    {"footer_of_another_where_one_was", UINT64_C(6005519004910320275),
     "open method=write sync=none block=1 extra=1; append bytes=3997 times=13; append bytes=8093 times=6; append;"
     "wait; verify; crash state=17 stale=1"},
    {"time_in_a_lane_that_was_refused", UINT64_C(10889716377775820849),
     "open extra=1 times=1; lane-open; lane-append; claim; sync; lane-append; claim; lane-append bytes=3993;"
     "lane-append"},
    {"beginning_overtaken", UINT64_C(8232023293161133082),
     "open full=again; read; sync; follow durable=1; rotate; rotate; sync; stats; follow; inspect;"
     "append bytes=1997 times=16; stats; append; read"},
    {"seek_time_behind_a_trim", UINT64_C(15822519888388850706),
     "open times=1; lane-open; lane-append; append times=14; lane-append bytes=1326 times=4; kill;"
     "open block=1 extra=1; append bytes=266 times=30; close; trim back=1; seek-time"},
    {"durable_before_an_open_without_care", UINT64_C(2132557409651292935),
     "open; append; follow durable=1; close; resume; open quiet=1; close; open sync=none; follow"},
    {"inspect_while_it_grows", UINT64_C(15569640757077621418),
     "open method=uring sync=none extra=26 prepare=allocated quiet=1; pause ms=1; batch bytes=646 records=5;"
     "lane-open; batch bytes=5698 records=4; verify; flush; append bytes=3997 times=8; close; open extra=25; sync;"
     "flush; close; verify; open method=uring; append; sync; inspect"},
    {"verify_while_it_grows", UINT64_C(9706710256432984706),
     "open method=mmap sync=interval block=3 extra=1; append bytes=4069 times=39; sync; append; backwards;"
     "pause ms=5; claim; close; read durable=1; verify; open sync=none extra=8; append; pause ms=1;"
     "append bytes=24477; seek-time; backwards; claim; close; open method=mmap block=2 extra=2 keep=4; lane-open;"
     "append; read; lane-flush; follow; append bytes=934 times=24; verify"},
};

#endif
