#include "core/checking.h"

#include "base/clock.h"
#include "base/limits.h"
#include "core/check_people.h"
#include "core/outbox_mail.h"
#include "core/portal_settings.h"
#include "core/texts.h"
#include "core/way_in.h"
#include "crypto/aead.h"
#include "store/drafts.h"
#include "store/labels.h"
#include "store/mail_texts.h"
#include "store/message_files.h"
#include "store/rules.h"
#include "store/seats.h"
#include "store/settings.h"

enum { PAGE_ARENA_BYTES = 1 << 30 };

static enum err check_portal_way(struct checking *checking, struct db *db, const struct user *user)
{
	struct way_in way_in;
	struct secret *private_key CLEANUP_SECRET = NULL;
	bool needs_portal = !user->is_registered || user->custody == CUSTODY_MANAGED;
	enum err err = ways_in_newest(db, &checking->arena, &user->id, WAY_IN_PORTAL, &way_in);
	if (err == ERR_NOT_FOUND) {
		if (needs_portal)
			checking_problem(
				checking,
				"A user's key cannot be opened by the portal though it should",
				id_str(&user->id));
		return OK;
	}
	if (err == OK)
		err = way_in_open_portal(checking->cx, &way_in, user, &private_key);
	if (err == ERR_CORRUPT)
		checking_problem(checking, "The portal's way to a user's key does not open it",
				 id_str(&user->id));
	else if (err == OK && !needs_portal)
		checking_problem(checking, "The portal holds a way to a key in strict custody",
				 id_str(&user->id));
	return err == ERR_CORRUPT ? OK : err;
}

static enum err check_user(struct checking *checking, struct db *db, const struct user *user)
{
	struct way_in way_in;
	if (users_is_erased(user))
		return OK;
	TRY(check_portal_way(checking, db, user));
	if (!user->is_registered)
		return OK;
	enum err err = ways_in_newest(db, &checking->arena, &user->id, WAY_IN_PASSWORD, &way_in);
	if (err != ERR_NOT_FOUND && err != ERR_CORRUPT)
		return err;
	checking_problem(checking, "A registered user has no password", id_str(&user->id));
	return OK;
}

static enum err check_settings(struct checking *checking, struct db *db)
{
	struct settings settings;
	struct str portal_key;
	enum err err = portal_settings_load(db, &checking->arena, &settings);
	if (err == OK)
		err = settings_get(db, &checking->arena, "portal_key", &portal_key);
	if (err == ERR_CORRUPT || err == ERR_NOT_FOUND)
		checking_problem(checking, "A setting was changed from outside",
				 STR("its name is in the log"));
	arena_release(&checking->arena);
	return err == ERR_CORRUPT || err == ERR_NOT_FOUND ? OK : err;
}

static enum err check_people(struct checking *checking, struct db *db, const struct user *user)
{
	struct check_people found;
	TRY(check_people_of(db, &checking->arena, user, &found));
	checking_bad(checking, "A contact was changed or planted from outside", found.bad_contacts);
	checking_bad(checking, "A block was changed or planted from outside", found.bad_blocks);
	checking_bad(checking, "A group was changed from outside", found.bad_groups);
	checking_bad(checking, "A kept signature or template was changed from outside",
		     found.bad_kept);
	checking_bad(checking, "What proves somebody's address was changed or planted from outside",
		     found.bad_proofs);
	checking_bad(checking, "An alias was changed or planted from outside", found.bad_aliases);
	checking_bad(checking, "Somebody's settings were changed from outside",
		     found.bad_preferences);
	return OK;
}

static enum err check_users(struct checking *checking, struct db *db)
{
	struct page page = {0};
	do {
		struct user *users;
		TRY(users_page(db, &checking->arena, CHECKING_PAGE, &page, &users));
		checking_bad(checking, "A user's row was changed from outside", page.bad);
		for (size_t i = 0; i < page.count; i++) {
			TRY(check_user(checking, db, &users[i]));
			TRY(check_people(checking, db, &users[i]));
		}
		checking->report.users += (int64_t)page.count;
		arena_release(&checking->arena);
	} while (!id_is_empty(&page.last));
	return OK;
}

static enum err check_ways_in(struct checking *checking, struct db *db)
{
	struct page page = {0};
	do {
		struct way_in *ways_in;
		TRY(ways_in_page(db, &checking->arena, CHECKING_PAGE, &page, &ways_in));
		checking_bad(checking, "A way in was changed or planted from outside", page.bad);
		checking->report.ways_in += (int64_t)page.count;
		arena_release(&checking->arena);
	} while (!id_is_empty(&page.last));
	return OK;
}

/* Every version is kept: from the newest down to 1. */
static enum err check_text(struct checking *checking, struct db *db, struct str name,
			   struct str language)
{
	int64_t before = 0, bad;
	size_t count;
	do {
		struct mail_text_row *rows;
		TRY(mail_texts_list(db, &checking->arena, name, language, before, CHECKING_PAGE,
				    &rows, &count, &bad));
		checking_bad(checking, "A text of mails was changed from outside", bad);
		for (size_t i = 0; i < count; i++) {
			if (bad == 0 && before > 0 && rows[i].version != before - 1)
				checking_problem(checking, "A version of a text of mails is gone",
						 name);
			before = rows[i].version;
		}
		arena_release(&checking->arena);
	} while (count == CHECKING_PAGE);
	if (bad == 0 && before > 1)
		checking_problem(checking, "The first version of a text of mails is gone", name);
	return OK;
}

static enum err check_texts(struct checking *checking, struct db *db)
{
	for (int name = 0; name < TEXTS_COUNT; name++)
		for (size_t i = 0; i < LANGUAGE_COUNT; i++)
			TRY(check_text(checking, db, texts_word((enum texts_name)name),
				       language_tag(language_at(i))));
	return OK;
}

static enum err check_rules(struct checking *checking, struct db *db)
{
	struct rule *rules;
	size_t count;
	int64_t bad;
	TRY(rules_list(db, &checking->arena, LIMIT_RULES, &rules, &count, &bad));
	checking_bad(checking, "A registration rule was changed from outside", bad);
	checking->report.rules = (int64_t)count;
	arena_release(&checking->arena);
	return OK;
}

/* Who took and freed seats adds up to who has one (P1.6). */
static enum err check_seats(struct checking *checking, struct db *db)
{
	int64_t bad, used, count;
	TRY(seats_check(db, &checking->arena, &checking->report.seats, &bad));
	if (bad > 0)
		checking_problem(checking, "The history of seats was changed from outside",
				 arena_printf(&checking->arena, "%lld rows", (long long)bad));
	enum err err = seats_used_now(db, &used);
	if (err == OK)
		err = users_count_seats(db, &count);
	if (err == OK && used != count)
		checking_problem(checking, "The history of seats does not fit the seats in use",
				 arena_printf(&checking->arena, "%lld and %lld", (long long)used,
					      (long long)count));
	arena_release(&checking->arena);
	return err == ERR_NOT_FOUND || err == ERR_CORRUPT ? OK : err;
}

/* What has expired must be swept within a day; what will has to have what then takes the place of
 * its key. */
static void check_end(struct checking *checking, const struct message *message,
		      const struct delivery *delivery)
{
	bool is_live = delivery->ended == DELIVERY_LIVE && delivery->box != BOX_DESTROYED;
	bool needs_notice = is_live && message->expires_ms > 0 && delivery->kind != RECIPIENT_FROM;
	if (needs_notice != (delivery->notice.len > 0))
		checking_problem(checking, "A delivery cannot end when its message expires",
				 id_str(&message->id));
	if (needs_notice && message->expires_ms + DAY_MS < cx_now_ms(checking->cx))
		checking_problem(checking, "A message has expired, and its keys are still there",
				 id_str(&message->id));
}

static enum err check_deliveries(struct checking *checking, struct db *db,
				 const struct message *message)
{
	struct delivery *deliveries;
	size_t count, senders = 0, kept = 0;
	bool is_needed;
	int64_t bad;
	TRY(deliveries_of_message(db, &checking->arena, &message->id, &deliveries, &count, &bad));
	checking_bad(checking, "A delivery was changed or planted from outside", bad);
	for (size_t i = 0; i < count; i++) {
		senders += deliveries[i].kind == RECIPIENT_FROM;
		size_t keys = (deliveries[i].sealed.len > 0) + (deliveries[i].wrapped.len > 0);
		bool is_destroyed = deliveries[i].box == BOX_DESTROYED;
		kept += !is_destroyed;
		bool is_quoted = deliveries[i].kind == RECIPIENT_QUOTED;
		if (is_quoted != (deliveries[i].box == BOX_NONE) ||
		    is_quoted == id_is_empty(&deliveries[i].via))
			checking_problem(checking, "A quoted message lies in a box",
					 id_str(&message->id));
		check_end(checking, message, &deliveries[i]);
		if (keys != 1 && !is_destroyed)
			checking_problem(checking, "A delivery has no key, or two",
					 id_str(&message->id));
		if (keys != 0 && is_destroyed)
			checking_problem(checking, "A delivery that was destroyed has a key",
					 id_str(&message->id));
	}
	TRY(message_files_were_sent_on(db, &message->id, &is_needed));
	if (bad == 0 && count > 0 && kept == 0 && !is_needed)
		checking_problem(checking, "A message that nobody has any more is still there",
				 id_str(&message->id));
	/* Documents that only the sender signs nobody else need have (check_signings.c). */
	size_t least = message->options & OPTION_SIGNING ? 1 : 2;
	if (bad == 0 && (senders != 1 || count < least))
		checking_problem(checking,
				 "A message is not delivered to its sender and somebody else",
				 id_str(&message->id));
	checking->report.deliveries += (int64_t)count;
	TRY(check_file_rights(checking, db, message, deliveries, count));
	return check_recall_message(checking, db, message, deliveries, count);
}

static enum err check_messages(struct checking *checking, struct db *db)
{
	struct page page = {0};
	do {
		struct message *messages;
		TRY(messages_page(db, &checking->arena, CHECKING_PAGE, &page, &messages));
		checking_bad(checking, "A message was changed from outside", page.bad);
		for (size_t i = 0; i < page.count; i++)
			TRY(check_deliveries(checking, db, &messages[i]));
		checking->report.messages += (int64_t)page.count;
		arena_release(&checking->arena);
	} while (!id_is_empty(&page.last));
	return OK;
}

static enum err check_tops(struct checking *checking, struct db *db)
{
	int64_t wrong;
	TRY(deliveries_count_wrong_tops(db, &wrong));
	if (wrong > 0)
		checking_problem(checking, "Lists do not show the newest of each conversation",
				 arena_printf(&checking->arena, "%lld rows", (long long)wrong));
	return OK;
}

static void check_mail(struct checking *checking, const struct mail_row *mail)
{
	struct cx cx = *checking->cx;
	struct outbox_content content;
	cx.arena = &checking->arena;
	if (mail->state == MAIL_QUEUED && outbox_mail_open(&cx, mail, &content) != OK)
		checking_problem(checking, "A queued mail cannot be opened", id_str(&mail->id));
	if (mail->state != MAIL_QUEUED && mail->content.len > 0)
		checking_problem(checking, "A mail that is done still has content",
				 id_str(&mail->id));
}

static enum err check_mails(struct checking *checking, struct db *db)
{
	struct page page = {0};
	do {
		struct mail_row *mails;
		TRY(mails_page(db, &checking->arena, CHECKING_PAGE, &page, &mails));
		checking_bad(checking, "A mail was changed or planted from outside", page.bad);
		for (size_t i = 0; i < page.count; i++)
			check_mail(checking, &mails[i]);
		checking->report.mails += (int64_t)page.count;
		arena_release(&checking->arena);
	} while (!id_is_empty(&page.last));
	return OK;
}

/* Only its owner can open a draft. */
static enum err check_draft(struct checking *checking, struct db *db, const struct draft_row *draft)
{
	struct user user;
	enum err err = users_by_id(db, &checking->arena, &draft->user_id, &user);
	if (err == ERR_NOT_FOUND)
		checking_problem(checking, "A draft belongs to nobody", id_str(&draft->id));
	if (draft->version < 1 || draft->summary.len < AEAD_OVERHEAD_BYTES)
		checking_problem(checking, "A draft was changed from outside", id_str(&draft->id));
	/* A row of a user that fails its check was told of before. */
	return err == ERR_NOT_FOUND || err == ERR_CORRUPT ? OK : err;
}

static enum err check_drafts(struct checking *checking, struct db *db)
{
	struct page page = {0};
	do {
		struct draft_row *drafts;
		TRY(drafts_page(db, &checking->arena, CHECKING_PAGE, &page, &drafts));
		checking_bad(checking, "A draft was changed or planted from outside", page.bad);
		for (size_t i = 0; i < page.count; i++)
			TRY(check_draft(checking, db, &drafts[i]));
		checking->report.drafts += (int64_t)page.count;
		arena_release(&checking->arena);
	} while (!id_is_empty(&page.last));
	return OK;
}

/* Only its owner can read its name. */
static enum err check_label(struct checking *checking, struct db *db, const struct label_row *label)
{
	struct user user;
	enum err err = users_by_id(db, &checking->arena, &label->user_id, &user);
	if (err == ERR_NOT_FOUND)
		checking_problem(checking, "A label belongs to nobody", id_str(&label->id));
	if (label->version < 1 || label->name.len < AEAD_OVERHEAD_BYTES ||
	    label->name_key.len != DIGEST_BYTES)
		checking_problem(checking, "A label was changed from outside", id_str(&label->id));
	return err == ERR_NOT_FOUND || err == ERR_CORRUPT ? OK : err;
}

static enum err check_labels(struct checking *checking, struct db *db)
{
	struct page page = {0};
	int64_t stray;
	do {
		struct label_row *labels;
		TRY(labels_page(db, &checking->arena, CHECKING_PAGE, &page, &labels));
		checking_bad(checking, "A label was changed or planted from outside", page.bad);
		for (size_t i = 0; i < page.count; i++)
			TRY(check_label(checking, db, &labels[i]));
		checking->report.labels += (int64_t)page.count;
		arena_release(&checking->arena);
	} while (!id_is_empty(&page.last));
	TRY(labels_count_stray(db, &stray));
	if (stray > 0)
		checking_problem(checking, "Labels are on messages that their owners do not have",
				 arena_printf(&checking->arena, "%lld", (long long)stray));
	arena_release(&checking->arena);
	return OK;
}

enum err check_all(struct cx *cx, void (*tell)(void *argument, struct str sentence), void *argument,
		   struct check_report *ret)
{
	struct db *db CLEANUP_READ = NULL;
	struct checking checking = {.cx = cx, .tell = tell, .argument = argument};
	arena_init(&checking.arena, PAGE_ARENA_BYTES);
	TRY(store_read_begin_long(cx->portal->store, &db));
	enum err err = check_settings(&checking, db);
	if (err == OK)
		err = check_users(&checking, db);
	if (err == OK)
		err = check_ways_in(&checking, db);
	if (err == OK)
		err = check_rules(&checking, db);
	if (err == OK)
		err = check_texts(&checking, db);
	if (err == OK)
		err = check_seats(&checking, db);
	if (err == OK)
		err = check_messages(&checking, db);
	if (err == OK)
		err = check_tops(&checking, db);
	if (err == OK)
		err = check_people_strays(&checking, db);
	if (err == OK)
		err = check_mails(&checking, db);
	if (err == OK)
		err = check_drafts(&checking, db);
	if (err == OK)
		err = check_labels(&checking, db);
	if (err == OK)
		err = check_files(&checking, db);
	if (err == OK)
		err = check_signings(&checking, db);
	if (err == OK)
		err = check_signing_keys(&checking, db);
	if (err == OK)
		err = check_recall_destructions(&checking, db);
	arena_release(&checking.arena);
	*ret = checking.report;
	return err;
}
