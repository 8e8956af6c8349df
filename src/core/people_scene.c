#include "core/people_scene.h"

#include "base/random.h"
#include "core/user.h"
#include "store/store_direct.h"

#include <stdio.h>
#include <stdlib.h>

enum { BATCH = 2000 };

static const char *const first_names[] = {
	"Anna",  "Ben",   "Clara", "David", "Eva",  "Felix", "Greta", "Hans",  "Ida",
	"Jonas", "Klara", "Lukas", "Maria", "Noah", "Olga",  "Peter", "Quinn", "Rosa",
	"Simon", "Tina",  "Udo",   "Vera",  "Walt", "Xenia", "Yves",  "Zoe"};
static const char *const last_names[] = {
	"Abel",     "Bauer",  "Conrad", "Dietrich", "Ebert", "Fischer", "Graf",
	"Hoffmann", "Igel",   "Jung",   "Koch",     "Lang",  "Maier",   "Neumann",
	"Otto",     "Peters", "Quast",  "Richter",  "Sand",  "Thoma",   "Ulrich",
	"Vogel",    "Weber",  "Xaver",  "Yilmaz",   "Zimmer"};

struct filling {
	struct portal *portal;
	int from, to;
};

static void make_user(struct arena *arena, const struct filling *filling, int i, struct user *ret)
{
	unsigned mix = (unsigned)i * 2654435761U;
	const char *first = first_names[(mix >> 8) % 26], *last = last_names[(mix >> 16) % 26];
	int64_t now_ms = clock_now_ms(filling->portal->clock);
	bool is_invited = i % 10 == 7;
	struct user user = {
		.id = id_new(now_ms),
		.address = arena_printf(arena, "%s.%s.%d@example%d.com", first, last, i, i % 50),
		.address_key = arena_printf(arena, "%c%s.%c%s.%d@example%d.com", first[0] | 32,
					    first + 1, last[0] | 32, last + 1, i, i % 50),
		.name = is_invited ? STR("") : arena_printf(arena, "%s %s", first, last),
		.grade = i % 20 == 3 ? GRADE_PROFESSIONAL : GRADE_GUEST,
		.state = is_invited    ? USER_INVITED
			 : i % 50 == 9 ? USER_DISABLED
				       : USER_ACTIVE,
		.is_registered = !is_invited,
		.custody = CUSTODY_MANAGED,
		.version = 1,
		.created_ms = now_ms - (int64_t)(mix % 700) * DAY_MS,
		.seen_ms = is_invited ? 0 : now_ms - (int64_t)(mix % 400) * DAY_MS - i,
	};
	random_fill(user.public_key, sizeof(user.public_key));
	*ret = user;
}

static enum err write_some(struct db *db, void *argument)
{
	const struct filling *filling = argument;
	struct arena arena CLEANUP_ARENA;
	arena_init(&arena, 16 << 20);
	for (int i = filling->from; i < filling->to; i++) {
		struct user user;
		make_user(&arena, filling, i, &user);
		TRY(users_insert(db, &user, user_keys(&arena, &user)));
	}
	return arena.failed ? ERR_UNAVAILABLE : OK;
}

void people_scene_fill(struct portal *portal, int count)
{
	for (int from = 0; from < count; from += BATCH) {
		struct filling filling = {portal, from,
					  from + BATCH < count ? from + BATCH : count};
		enum err err = store_transact(portal->store, write_some, &filling, NULL);
		if (err != OK) {
			fprintf(stderr, "people_scene_fill: %s\n", err_name(err));
			abort();
		}
	}
}

void people_scene_settle(const char *url)
{
	store_direct_run(url, "VACUUM ANALYZE users");
}
