/* Requests to sign, checked: every row of each is there, what happened stands in the audit chain
 * too, and the chain holds from its beginning to its end. */
#include "core/audit_verify.h"
#include "core/checking.h"
#include "crypto/digest.h"
#include "store/audit.h"
#include "store/deliveries.h"
#include "store/signings.h"

static bool is_told(const struct signing_event *event, const struct audit_entry *entry)
{
	uint8_t detail[DIGEST_BYTES];
	digest(event->detail, detail);
	return event->kind == (int64_t)entry->kind && event->at_ms == entry->at_ms &&
	       id_eq(&event->user_id, &entry->actor_id) &&
	       digest_eq(str_bytes(detail, sizeof(detail)),
			 str_bytes(entry->detail, sizeof(entry->detail)));
}

/* ERR_CORRUPT: one of its events fails its check. */
static enum err compare_events(struct checking *checking, struct db *db, const struct id *id,
			       bool *ret_is_whole)
{
	struct signing_event *events;
	struct audit_entry *entries;
	size_t count, entry_count;
	TRY(signing_events_of(db, &checking->arena, id, &events, &count));
	TRY(audit_of_object(db, &checking->arena, id, &entries, &entry_count));
	bool is_whole = count == entry_count;
	for (size_t i = 0; is_whole && i < count; i++)
		is_whole = is_told(&events[i], &entries[i]);
	*ret_is_whole = is_whole;
	return OK;
}

/* Where something happened between reading the one and the other, they are read again. */
static enum err check_events(struct checking *checking, struct db *db, const struct id *id)
{
	enum { TRIES = 5 };
	bool is_whole = false;
	enum err err = OK;
	for (int i = 0; i < TRIES && err == OK && !is_whole; i++)
		err = compare_events(checking, db, id, &is_whole);
	if (err == ERR_CORRUPT)
		checking_problem(checking, "The history of a request to sign was changed",
				 id_str(id));
	else if (err == OK && !is_whole)
		checking_problem(checking,
				 "The history of a request to sign is not the one that the audit "
				 "log tells",
				 id_str(id));
	return err == ERR_CORRUPT ? OK : err;
}

/* One who signs and whose right to the message was taken out could never sign. */
static enum err check_rights(struct checking *checking, struct db *db,
			     const struct signing *signing, const struct signing_person *people)
{
	struct signing now;
	bool is_fine = true;
	for (int64_t i = 0; is_fine && i < signing->signer_count; i++)
		TRY(deliveries_has(db, &people[i].user_id, &signing->message_id, &is_fine));
	if (is_fine)
		return OK;
	/* Unless everybody has deleted it just now. */
	enum err err = signings_get(db, &checking->arena, &signing->message_id, &now);
	if (err != OK)
		return err == ERR_NOT_FOUND || err == ERR_CORRUPT ? OK : err;
	checking_problem(checking, "A request to sign is not with all who sign it",
			 id_str(&signing->message_id));
	return OK;
}

/* One version of each document for each signature; unless somebody is signing just now. */
static enum err check_together(struct checking *checking, struct db *db,
			       const struct signing *signing, const struct signing_person *people,
			       const struct signing_file *files)
{
	struct signing now;
	int64_t have_signed = 0;
	bool is_fine = true;
	for (int64_t i = 0; i < signing->signer_count; i++)
		have_signed += people[i].state == SIGNER_SIGNED;
	for (int64_t i = 0; i < signing->document_count; i++)
		is_fine = is_fine && files[i].revision == have_signed;
	if (is_fine)
		return OK;
	enum err err = signings_get(db, &checking->arena, &signing->message_id, &now);
	if (err != OK || now.version != signing->version)
		return err == ERR_NOT_FOUND || err == ERR_CORRUPT ? OK : err;
	checking_problem(checking,
			 "The documents of a request to sign are not those that its signers have "
			 "signed",
			 id_str(&signing->message_id));
	return OK;
}

static enum err check_one(struct checking *checking, struct db *db, const struct signing *signing)
{
	struct signing_person *people;
	struct signing_file *files;
	enum err err = signing_people_of(db, &checking->arena, signing, &people);
	if (err == OK)
		err = check_rights(checking, db, signing, people);
	if (err == OK)
		err = signing_files_of(db, &checking->arena, signing, &files);
	if (err == ERR_CORRUPT)
		checking_problem(checking,
				 "Signers or documents of a request to sign were changed, or are "
				 "missing",
				 id_str(&signing->message_id));
	if (err != OK && err != ERR_CORRUPT)
		return err;
	if (err == OK)
		TRY(check_together(checking, db, signing, people, files));
	return check_events(checking, db, &signing->message_id);
}

static void tell_problem(void *argument, struct cx *cx, const struct audit_problem *problem)
{
	struct checking *checking = argument;
	checking->report.problems++;
	checking->tell(checking->argument, audit_problem_sentence(cx, problem));
}

static enum err check_audit(struct checking *checking)
{
	struct audit_report report;
	return audit_verify(checking->cx, checking->cx->portal->checkpoints, tell_problem, checking,
			    &report);
}

enum err check_signings(struct checking *checking, struct db *db)
{
	struct page page = {0};
	do {
		struct arena arena CLEANUP_ARENA;
		struct signing *signings;
		arena_init(&arena, checking->arena.max_bytes);
		TRY(signings_page(db, &arena, CHECKING_PAGE, &page, &signings));
		checking_bad(checking, "A request to sign was changed or planted from outside",
			     page.bad);
		for (size_t i = 0; i < page.count; i++) {
			TRY(check_one(checking, db, &signings[i]));
			arena_release(&checking->arena);
		}
	} while (!id_is_empty(&page.last));
	return check_audit(checking);
}
