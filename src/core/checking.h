/* For core/: what the parts of check_all() share. */
#pragma once

#include "core/check.h"
#include "store/messages.h"

struct checking {
	struct cx *cx;
	void (*tell)(void *argument, struct str sentence);
	void *argument;
	struct check_report report;
	/* Memory of one page; released after it. */
	struct arena arena;
};

enum { CHECKING_PAGE = 200 };

void checking_problem(struct checking *checking, const char *what, struct str id);
/* Which row it is stands in the log: the page only counts those that it left out. */
void checking_bad(struct checking *checking, const char *what, int64_t bad);

/* check_people.c: who is said to have exchanged messages, or was answered in an absence. */
enum err check_people_strays(struct checking *checking, struct db *db) MUST_CHECK;

/* check_files.c: all files with every byte, all blobs, and rows that name what is not there. */
enum err check_files(struct checking *checking, struct db *db) MUST_CHECK;
/* check_signings.c: requests to sign, their history, and the audit chain. */
enum err check_signings(struct checking *checking, struct db *db) MUST_CHECK;
/* check_signing_keys.c: that the keys by which the portal signs open, and belong to their
 * certificates. */
enum err check_signing_keys(struct checking *checking, struct db *db) MUST_CHECK;
/* check_file_rights.c: the files of one message, and who may open them. */
enum err check_file_rights(struct checking *checking, struct db *db, const struct message *message,
			   const struct delivery *deliveries, size_t count) MUST_CHECK;

/* check_recall.c: of one message, what its recall left and what its recipients did; and all entries
 * of destroyed keys. */
enum err check_recall_message(struct checking *checking, struct db *db,
			      const struct message *message, const struct delivery *deliveries,
			      size_t count) MUST_CHECK;
enum err check_recall_destructions(struct checking *checking, struct db *db) MUST_CHECK;
