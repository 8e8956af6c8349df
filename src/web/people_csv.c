#include "web/people_csv.h"

#include "base/csv_write.h"
#include "core/audit_log.h"
#include "core/people.h"
#include "core/session_rights.h"
#include "http/stream.h"
#include "web/when.h"

#include <stdlib.h>

enum { PAGE_ROWS = 300, PIECE_BYTES = 512 * 1024, ARENA_BYTES = 16 << 20 };

struct source {
	struct stream_source base;
	struct portal *portal;
	const struct language *language;
	struct session_rights rights;
	struct id after;
	bool has_begun;
};

static void write_user(struct cx *cx, struct csv_write *csv, const struct user *user)
{
	csv_write_text(csv, user->address);
	csv_write_text(csv, user->name);
	csv_write_text(csv, str_of(user_grade_word(user->grade)));
	csv_write_text(csv, str_of(user_role_word(user->role)));
	csv_write_text(csv, user->language);
	csv_write_text(csv, str_of(user_state_word(user->state)));
	csv_write_text(csv, when_iso(cx, user->created_ms));
	csv_write_text(csv, user->seen_ms > 0 ? when_iso(cx, user->seen_ms) : STR_NONE);
	csv_write_row_end(csv);
}

static void begin(struct source *source, struct buf *piece, struct csv_write *csv)
{
	static const char *const names[] = {"address",  "name",  "grade", "role",
					    "language", "state", "added", "last_seen"};
	*csv = (struct csv_write){.out = piece};
	if (source->has_begun)
		return;
	source->has_begun = true;
	csv_write_begin(csv, piece);
	for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++)
		csv_write_text(csv, str_of(names[i]));
	csv_write_row_end(csv);
}

static enum err produce(struct stream_source *base, struct buf *piece, enum stream_next *ret)
{
	struct source *source = (struct source *)base;
	struct arena arena CLEANUP_ARENA;
	struct cx cx = {.arena = &arena, .portal = source->portal, .language = source->language};
	struct csv_write csv;
	struct user *users;
	size_t count;
	struct id last;
	arena_init(&arena, ARENA_BYTES);
	TRY(session_rights_use(&cx, &source->rights));
	begin(source, piece, &csv);
	TRY(people_list(&cx, &source->after, PAGE_ROWS, &users, &count, &last));
	for (size_t i = 0; i < count; i++)
		if (!users_is_erased(&users[i]))
			write_user(&cx, &csv, &users[i]);
	source->after = last;
	*ret = id_is_empty(&last) ? STREAM_END : STREAM_MORE;
	return piece->err;
}

static void release(struct stream_source *base)
{
	free(base);
}

static enum err write_log(struct db *db, void *cx)
{
	return audit_log(cx, db, &(struct audit_act){.kind = AUDIT_USERS_EXPORTED});
}

enum err people_csv_answer(struct cx *cx, struct response *res)
{
	TRY(people_check_administrator(cx));
	TRY(store_transact(cx->portal->store, write_log, cx, cx->arena));
	struct source *source = calloc(1, sizeof(*source));
	if (source == NULL)
		return ERR_UNAVAILABLE;
	source->base = (struct stream_source){
		.kind = STREAM_BULK,
		.length = STREAM_LENGTH_UNKNOWN,
		.piece_bytes = PIECE_BYTES,
		.user_id = cx->session->user.id,
		.produce = produce,
		.release = release,
	};
	source->portal = cx->portal;
	source->language = cx->language;
	source->rights = session_rights_of(cx->session);
	res->stream = &source->base;
	res->content_type = STR("text/csv; charset=utf-8");
	response_header(res, "Content-Disposition", STR("attachment; filename=\"people.csv\""));
	return OK;
}
