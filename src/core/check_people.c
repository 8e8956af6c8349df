#include "core/check_people.h"

#include "base/limits.h"
#include "base/log.h"
#include "core/checking.h"
#include "crypto/aead.h"
#include "store/address_proofs.h"
#include "store/aliases.h"
#include "store/contacts.h"
#include "store/people_groups.h"
#include "store/preferences.h"
#include "store/signing_kept.h"

enum { PAGE = 200 };

static enum err count_contacts(struct db *db, struct arena *arena, const struct user *user,
			       int64_t *ret)
{
	struct contact_place place = {0};
	do {
		struct contact_rows rows;
		TRY(contacts_page(db, arena, &user->id, STR_NONE, &place, 1, PAGE, &rows));
		*ret += rows.bad;
		place = rows.next;
	} while (!id_is_empty(&place.last_id));
	return OK;
}

/* Only its owner can open a group. */
static enum err count_groups(struct db *db, struct arena *arena, const struct user *user,
			     int64_t *ret)
{
	struct group_row *rows;
	size_t count;
	TRY(people_groups_of_user(db, arena, &user->id, &rows, &count));
	for (size_t i = 0; i < count; i++) {
		if (rows[i].version >= 1 && rows[i].content.len > AEAD_OVERHEAD_BYTES)
			continue;
		log_event(LOG_ALARM, "group.unreadable", LOG_STR("group", id_str(&rows[i].id)));
		(*ret)++;
	}
	return OK;
}

/* Nor what is kept for signing. */
static enum err count_kept(struct db *db, struct arena *arena, const struct user *user,
			   int64_t *ret)
{
	for (enum kept_kind kind = KEPT_SIGNATURE; kind <= KEPT_TEMPLATE; kind++) {
		struct id *ids;
		size_t count;
		TRY(signing_kept_of_user(db, arena, &user->id, kind, &ids, &count));
		for (size_t i = 0; i < count; i++) {
			struct arena scratch CLEANUP_ARENA;
			struct kept_row row = {.version = 0};
			arena_init(&scratch, LIMIT_REQUEST_ARENA);
			TRY(signing_kept_get(db, &scratch, &user->id, kind, &ids[i], &row));
			if (row.version >= 1 && row.content.len > AEAD_OVERHEAD_BYTES)
				continue;
			log_event(LOG_ALARM, "signing_kept.unreadable",
				  LOG_STR("kept", id_str(&ids[i])));
			(*ret)++;
		}
	}
	return OK;
}

enum err check_people_of(struct db *db, struct arena *arena, const struct user *user,
			 struct check_people *ret)
{
	struct check_people found = {.bad_contacts = 0};
	struct user *blocked;
	size_t count;
	TRY(count_contacts(db, arena, user, &found.bad_contacts));
	TRY(blocks_of_user(db, arena, &user->id, LIMIT_BLOCKS, &blocked, &count,
			   &found.bad_blocks));
	TRY(count_groups(db, arena, user, &found.bad_groups));
	TRY(count_kept(db, arena, user, &found.bad_kept));
	TRY(address_proofs_count_bad(db, arena, &user->id, &found.bad_proofs));
	TRY(aliases_count_bad(db, arena, &user->id, &found.bad_aliases));
	struct preferences_row row;
	enum err err = preferences_get(db, arena, &user->id, &row);
	if (err != OK && err != ERR_NOT_FOUND && err != ERR_CORRUPT)
		return err;
	found.bad_preferences = err == ERR_CORRUPT;
	*ret = found;
	return OK;
}

static void tell_stray(struct checking *checking, const char *what, int64_t stray)
{
	if (stray > 0)
		checking_problem(checking, what,
				 arena_printf(&checking->arena, "%lld", (long long)stray));
}

enum err check_people_strays(struct checking *checking, struct db *db)
{
	int64_t exchanges, away_answers;
	TRY(exchanges_count_stray(db, &exchanges));
	TRY(away_answers_count_stray(db, &away_answers));
	tell_stray(checking, "People are said to have exchanged what they have not", exchanges);
	tell_stray(checking, "Somebody is said to be answered in an absence that is none",
		   away_answers);
	arena_release(&checking->arena);
	return OK;
}
