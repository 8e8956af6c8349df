#include "core/decisions.h"

#include "base/buf.h"
#include "base/log.h"
#include "core/audit_log.h"
#include "core/people.h"
#include "core/people_change.h"
#include "core/registration_rule.h"
#include "crypto/aead.h"
#include "store/destroyed.h"

#include <stdlib.h>

enum {
	LINE_ARENA_BYTES = 64 << 10,
	ACT_ARENA_BYTES = 8 << 20,
	KEPT_ARENA_BYTES = 256 << 20,
	ALL_MAX_BYTES = 1 << 30
};

/* Patterns are addresses, or say where the organisation writes to: the journal has none in clear.
 *
 *   plain = what the rule says, or nothing when it is gone | line feed | pattern */
static const struct context rule_context = {
	.purpose = "journal.rule", .object = STR("rule"), .version = 1};

static struct destroyed_person person_of(const struct user *user)
{
	return (struct destroyed_person){
		.user_id = user->id,
		.grade = user->grade,
		.role = user->role,
		.is_enabled = user->state != USER_DISABLED,
		.version = user->version,
	};
}

static bool is_same(const struct destroyed_person *a, const struct destroyed_person *b)
{
	return a->grade == b->grade && a->role == b->role && a->is_enabled == b->is_enabled;
}

enum err decisions_note_person(struct cx *cx, struct db *db, const struct user *before,
			       const struct user *after)
{
	struct destroyed_person was = person_of(before), is = person_of(after);
	return is_same(&was, &is) ? OK : destroyed_note_person(db, &is, cx_now_ms(cx));
}

enum err decisions_note_rule(struct cx *cx, struct db *db, struct str pattern,
			     const struct rule *rule)
{
	struct arena arena CLEANUP_ARENA; /* the transaction may run again */
	struct str cipher;
	arena_init(&arena, LINE_ARENA_BYTES);
	struct str words = rule ? audit_rule_words(&arena, rule) : STR_NONE;
	struct str plain = arena_printf(&arena, "%.*s\n%.*s", STR_ARGS(words), STR_ARGS(pattern));
	TRY(aead_encrypt(cx->portal->audit_key, &rule_context, plain, &arena, &cipher));
	return destroyed_note_rule(db, cipher, cx_now_ms(cx));
}

/* ---- after a restore ---- */

struct decision {
	int64_t at_ms;
	struct destroyed_person person; /* user_id empty: of a rule */
	struct str pattern;
	struct str words;
	bool is_done;
};

struct decisions {
	struct arena arena; /* of their strings */
	struct buf all;     /* struct decision, one after the other */
	struct decisions_done done;
};

enum err decisions_new(struct decisions **ret)
{
	struct decisions *decisions = calloc(1, sizeof(*decisions));
	if (decisions == NULL)
		return ERR_UNAVAILABLE;
	arena_init(&decisions->arena, KEPT_ARENA_BYTES);
	buf_init(&decisions->all, ALL_MAX_BYTES);
	*ret = decisions;
	return OK;
}

void decisions_free(struct decisions *decisions)
{
	if (decisions == NULL)
		return;
	buf_release(&decisions->all);
	arena_release(&decisions->arena);
	free(decisions);
}

static enum err read_rule(struct decisions *decisions, struct cx *cx, struct str cipher,
			  struct decision *decision)
{
	struct arena arena CLEANUP_ARENA;
	struct str plain, words;
	arena_init(&arena, LINE_ARENA_BYTES);
	enum err err = aead_decrypt(cx->portal->audit_key, &rule_context, cipher, &arena, &plain);
	if (err != OK)
		return err == ERR_CORRUPT ? ERR_INVALID : err;
	if (!str_next(&plain, '\n', &words) || plain.len == 0)
		return ERR_INVALID;
	decision->words = arena_copy(&decisions->arena, words);
	decision->pattern = arena_copy(&decisions->arena, plain);
	return OK;
}

enum err decisions_take(struct decisions *decisions, struct cx *cx, const struct id *line,
			struct str content)
{
	struct decision decision = {.at_ms = id_ms(line)};
	struct arena arena CLEANUP_ARENA;
	struct str cipher;
	arena_init(&arena, LINE_ARENA_BYTES);
	enum err err = destroyed_read_person(&arena, content, &decision.person);
	if (err == ERR_NOT_FOUND) {
		TRY(destroyed_read_rule(&arena, content, &cipher));
		err = read_rule(decisions, cx, cipher, &decision);
	}
	TRY(err);
	buf_add(&decisions->all, str_bytes(&decision, sizeof(decision)));
	return decisions->arena.failed ? ERR_UNAVAILABLE : decisions->all.err;
}

/* Those of one person, or of one rule, together, and in their order. Journals of several machines
 * may stand one behind the other: so it goes by the time, and within a millisecond by what the row
 * had seen. */
static int compare(const void *left, const void *right)
{
	const struct decision *a = left, *b = right;
	int order = str_compare(id_str(&a->person.user_id), id_str(&b->person.user_id));
	if (order == 0)
		order = str_compare(a->pattern, b->pattern);
	if (order == 0)
		order = (a->at_ms > b->at_ms) - (a->at_ms < b->at_ms);
	if (order == 0)
		order = (a->person.version > b->person.version) -
			(a->person.version < b->person.version);
	return order;
}

static size_t keep_newest(struct decision *all, size_t count)
{
	size_t kept = 0;
	qsort(all, count, sizeof(*all), compare);
	for (size_t i = 0; i < count; i++) {
		bool is_newest = i + 1 == count ||
				 !id_eq(&all[i].person.user_id, &all[i + 1].person.user_id) ||
				 !str_eq(all[i].pattern, all[i + 1].pattern);
		if (is_newest)
			all[kept++] = all[i];
	}
	return kept;
}

/* ERR_BUSY: not now, perhaps after others. */
static enum err change_person(struct cx *cx, const struct decision *decision, int64_t *ret_changes)
{
	const struct destroyed_person *person = &decision->person;
	const struct people_change change = {
		.has_grade = true,
		.has_role = true,
		.has_state = true,
		.grade = person->grade,
		.role = person->role,
		.is_enabled = person->is_enabled,
	};
	struct form_errors errors = {.count = 0};
	struct user user;
	enum err err = people_get(cx, &person->user_id, &user);
	if (err != OK)
		return err == ERR_NOT_FOUND || err == ERR_CORRUPT ? OK : err;
	struct destroyed_person is = person_of(&user);
	if (is_same(&is, person))
		return OK;
	err = people_change(cx, &person->user_id, &change, NULL, &errors);
	*ret_changes += err == OK;
	return err != OK && errors.count > 0 ? ERR_BUSY : err;
}

static enum err change_rule(struct cx *cx, const struct decision *decision, int64_t *ret_changes)
{
	static const struct str allowed = STR("allowed");
	struct form_errors errors = {.count = 0};
	struct rule rule;
	enum err err = registration_rule_get(cx, decision->pattern, &rule);
	if (err != OK && err != ERR_NOT_FOUND && err != ERR_CORRUPT)
		return err;
	struct str words = err == OK ? audit_rule_words(cx->arena, &rule) : STR_NONE;
	if (err != ERR_CORRUPT && str_eq(words, decision->words))
		return OK;
	if (decision->words.len == 0) {
		err = registration_rule_delete(cx, decision->pattern, 0);
	} else {
		const struct rule_typed typed = {
			.pattern = decision->pattern,
			.is_allowed = str_starts_with(decision->words, allowed),
			.grade = str_trim(
				str_slice(decision->words, allowed.len, decision->words.len)),
		};
		err = registration_rule_save(cx, &typed, RULE_EITHER, 0, &rule, NULL, &errors);
	}
	*ret_changes += err == OK;
	return err == ERR_INVALID ? ERR_BUSY : err;
}

static enum err try_one(struct decisions *decisions, struct cx *cx, struct decision *decision)
{
	struct arena arena CLEANUP_ARENA;
	struct cx own = *cx;
	arena_init(&arena, ACT_ARENA_BYTES);
	own.arena = &arena;
	enum err err = decision->pattern.len > 0
			       ? change_rule(&own, decision, &decisions->done.rules)
			       : change_person(&own, decision, &decisions->done.people);
	decision->is_done = err == OK;
	return err == ERR_BUSY ? OK : err;
}

/* The only administrator can be lowered after another one was raised, and so with seats: as long as
 * something moves, those that could not are tried again. */
static enum err try_all(struct decisions *decisions, struct cx *cx, struct decision *all,
			size_t count)
{
	size_t left = count, before;
	do {
		before = left;
		for (size_t i = 0; i < count; i++) {
			if (all[i].is_done)
				continue;
			TRY(try_one(decisions, cx, &all[i]));
			left -= all[i].is_done;
		}
	} while (left > 0 && left < before);
	decisions->done.kept = (int64_t)left;
	return OK;
}

enum err decisions_again(struct decisions *decisions, struct cx *cx, struct decisions_done *ret)
{
	struct decision *all = (struct decision *)(void *)decisions->all.data;
	size_t count = decisions->all.len / sizeof(*all);
	if (count > 0)
		count = keep_newest(all, count);
	TRY(try_all(decisions, cx, all, count));
	for (size_t i = 0; i < count; i++)
		if (!all[i].is_done)
			log_event(LOG_WARN, "restore.not_changed_again",
				  LOG_STR("user", id_str(&all[i].person.user_id)),
				  LOG_STR("rule", all[i].pattern));
	*ret = decisions->done;
	return OK;
}
