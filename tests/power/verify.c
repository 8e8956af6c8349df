#include "power/verify.h"

#include "core/mailbox.h"
#include "power/upload.h"
#include "power/victim.h"
#include "store/mails.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { ARENA_BYTES = 64 << 20, PAGE = 200 };

/* What the data folder holds, by message number. */
struct found {
	uint8_t *messages;
	uint8_t *notifications;
	uint8_t *invitations;
	int64_t faults;
	int64_t shown; /* so many faults are printed */
};

static void fault(struct found *found, const char *format, ...)
	__attribute__((format(printf, 2, 3)));
static void fault(struct found *found, const char *format, ...)
{
	va_list arguments;
	if (found->faults++ >= found->shown)
		return;
	va_start(arguments, format);
	printf("    ");
	vprintf(format, arguments);
	printf("\n");
	va_end(arguments);
}

/* "Message 123" */
static bool number_of(struct str subject, uint32_t *ret)
{
	struct str prefix = STR("Message ");
	int64_t number;
	if (!str_starts_with(subject, prefix) ||
	    !str_to_int(str_slice(subject, prefix.len, subject.len), &number) ||
	    number >= LEDGER_NUMBERS)
		return false;
	*ret = (uint32_t)number;
	return true;
}

/* Ids found, in order, with the number each has: mails name the message they are about by its id.
 */
struct index {
	struct entry {
		struct id id;
		uint32_t number;
	} * entries;
	size_t count;
};

static int compare_entries(const void *a, const void *b)
{
	return strcmp(((const struct entry *)a)->id.text, ((const struct entry *)b)->id.text);
}

static const struct entry *find_entry(const struct index *index, const struct id *id)
{
	struct entry key = {.id = *id};
	return bsearch(&key, index->entries, index->count, sizeof(key), compare_entries);
}

/* Counts the sent messages by what their decrypted subjects say. */
static enum err count_messages(struct cx *cx, struct index *index, struct found *found,
			       const struct ledger *ledger)
{
	struct arena *whole = cx->arena;
	struct str cursor = STR_NONE;
	char cursor_text[128];
	do {
		struct arena arena CLEANUP_ARENA = {0};
		struct message_list list;
		arena_init(&arena, ARENA_BYTES);
		cx->arena = &arena;
		TRY(mailbox_list(cx, BOX_SENT, cursor, PAGE, &list));
		for (size_t i = 0; i < list.count; i++) {
			uint32_t number;
			if (list.rows[i].is_unreadable)
				fault(found, "message %s cannot be read", list.rows[i].id.text);
			if (!number_of(list.rows[i].subject, &number))
				continue;
			found->messages[number]++;
			index->entries[index->count++] = (struct entry){list.rows[i].id, number};
			const struct promise *promise = &ledger->promises[number];
			if (promise->is_sent && !id_eq(&promise->id, &list.rows[i].id))
				fault(found, "message %" PRIu32 " has another id than was answered",
				      number);
		}
		if (list.next_cursor.len > sizeof(cursor_text))
			return ERR_TOO_LARGE;
		for (size_t i = 0; i < list.next_cursor.len; i++)
			cursor_text[i] = list.next_cursor.data[i];
		cursor = str_bytes(cursor_text, list.next_cursor.len);
	} while (cursor.len > 0);
	cx->arena = whole;
	qsort(index->entries, index->count, sizeof(struct entry), compare_entries);
	return OK;
}

static int compare_ids(const void *a, const void *b)
{
	return strcmp(((const struct id *)a)->text, ((const struct id *)b)->text);
}

static enum err count_mails(struct db *db, const struct index *index, struct found *found,
			    const struct ledger *ledger)
{
	struct page page = {0};
	size_t settled = 0;
	qsort(ledger->settled, ledger->settled_count, sizeof(struct id), compare_ids);
	do {
		struct arena arena CLEANUP_ARENA = {0};
		struct mail_row *mails;
		arena_init(&arena, ARENA_BYTES);
		TRY(mails_page(db, &arena, PAGE, &page, &mails));
		for (size_t i = 0; i < page.count; i++) {
			const struct entry *about = find_entry(index, &mails[i].message_id);
			if (bsearch(&mails[i].id, ledger->settled, ledger->settled_count,
				    sizeof(struct id), compare_ids)) {
				settled++;
				if (mails[i].state != MAIL_ACCEPTED)
					fault(found, "mail %s was delivered and would go out again",
					      mails[i].id.text);
			}
			if (about && mails[i].kind == MAIL_NOTIFICATION)
				found->notifications[about->number]++;
			else if (about && mails[i].kind == MAIL_INVITATION)
				found->invitations[about->number]++;
		}
	} while (page.count == PAGE);
	if (settled != ledger->settled_count)
		fault(found, "%zu of %zu delivered mails are known", settled,
		      ledger->settled_count);
	return OK;
}

/* At the start of every account stands the message that caused it (P2.6). */
static enum err check_guest(struct portal *portal, uint32_t number, struct found *found)
{
	struct arena arena CLEANUP_ARENA = {0};
	struct message_list list;
	arena_init(&arena, ARENA_BYTES);
	struct cx cx = victim_cx(&arena, portal);
	enum err err = victim_sign_in(&cx, victim_guest(&arena, number));
	if (err != OK) {
		fault(found, "guest %" PRIu32 " has registered and cannot sign in: %s", number,
		      err_name(err));
		return OK;
	}
	err = mailbox_list(&cx, BOX_INBOX, STR_NONE, PAGE, &list);
	if (err == OK &&
	    (list.count != 1 || !str_eq(list.rows[0].subject, victim_subject(&arena, number))))
		fault(found, "guest %" PRIu32 " has registered and does not have the message",
		      number);
	session_release(cx.session);
	return err;
}

static enum err check_promises(struct portal *portal, const struct ledger *ledger,
			       struct found *found)
{
	for (uint32_t number = 0; number < LEDGER_NUMBERS; number++) {
		const struct promise *promise = &ledger->promises[number];
		int messages = found->messages[number];
		if (promise->is_sent && messages == 0)
			fault(found, "message %" PRIu32 " was sent and is lost", number);
		if (messages > 1)
			fault(found, "message %" PRIu32 " is there %d times", number, messages);
		/* Also for those nobody was told of: a message and its mails are one transaction.
		 */
		if (messages == 1 && found->notifications[number] != 1)
			fault(found, "message %" PRIu32 " has %d notifications", number,
			      found->notifications[number]);
		if (messages == 1 && found->invitations[number] != ledger_is_invitation(number))
			fault(found, "message %" PRIu32 " has %d invitations", number,
			      found->invitations[number]);
		if (promise->is_registered && ledger_round_of(number) == ledger->round)
			TRY(check_guest(portal, number, found));
	}
	return OK;
}

static enum err check_uploads(struct cx *cx, const struct ledger *ledger, struct found *found)
{
	struct arena *whole = cx->arena;
	for (size_t i = 0; i < ledger->upload_count; i++) {
		struct arena arena CLEANUP_ARENA = {0};
		const char *what;
		arena_init(&arena, ARENA_BYTES);
		cx->arena = &arena;
		TRY(upload_look(cx, &ledger->uploads[i], &what));
		if (what)
			fault(found, "file %s %s", ledger->uploads[i].id.text, what);
	}
	cx->arena = whole;
	return OK;
}

static enum err compare(struct portal *portal, const struct ledger *ledger, struct found *found,
			struct index *index)
{
	struct arena arena CLEANUP_ARENA = {0};
	arena_init(&arena, ARENA_BYTES);
	struct cx cx = victim_cx(&arena, portal);
	TRY(victim_sign_in(&cx, VICTIM_SENDER));
	enum err err = count_messages(&cx, index, found, ledger);
	if (err == OK)
		err = check_uploads(&cx, ledger, found);
	session_release(cx.session);
	TRY(err);
	struct db *db CLEANUP_READ = NULL;
	TRY(store_read_begin(portal->store, &db));
	TRY(count_mails(db, index, found, ledger));
	return check_promises(portal, ledger, found);
}

bool verify_promises(const char *folder, const struct ledger *ledger, int shown)
{
	struct portal *portal = NULL;
	struct index index = {.entries = calloc(LEDGER_NUMBERS, sizeof(struct entry))};
	struct found found = {.shown = shown,
			      .messages = calloc(LEDGER_NUMBERS, 1),
			      .notifications = calloc(LEDGER_NUMBERS, 1),
			      .invitations = calloc(LEDGER_NUMBERS, 1)};
	enum err err = ERR_UNAVAILABLE;
	if (index.entries && found.messages && found.notifications && found.invitations)
		err = victim_open(folder, false, &portal);
	if (err == OK)
		err = compare(portal, ledger, &found, &index);
	if (err != OK)
		fault(&found, "the portal cannot be read: %s", err_name(err));
	if (found.faults > shown)
		printf("    and %" PRId64 " more\n", found.faults - shown);
	portal_close(portal);
	free(index.entries);
	free(found.messages);
	free(found.notifications);
	free(found.invitations);
	return found.faults == 0;
}
