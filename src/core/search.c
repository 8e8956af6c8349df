#include "core/search.h"

#include "base/limits.h"
#include "base/log.h"
#include "core/label_read.h"
#include "core/message_options.h"
#include "core/plain_text.h"
#include "core/search_mark.h"
#include "core/search_scan.h"
#include "core/throttle.h"

enum { SCRATCH_BYTES = 32 << 20 };

struct searching {
	struct cx *cx;
	struct db *db;
	const struct search_query *query;
	struct id labels[SEARCH_LABELS_MAX];
	struct rewrap rewrap;
};

/* ---- where to look ---- */

static enum err find_labels(struct searching *searching, bool *ret_is_unknown)
{
	struct cx *cx = searching->cx;
	struct db *db CLEANUP_READ = NULL;
	TRY(store_read_begin(cx->portal->store, &db));
	for (size_t i = 0; i < searching->query->label_count; i++) {
		struct str key;
		TRY(label_read_key(cx, searching->query->labels[i], &key));
		enum err err = labels_find(db, &cx->session->user.id, key, &searching->labels[i]);
		*ret_is_unknown = err == ERR_NOT_FOUND;
		if (err != OK)
			return err == ERR_NOT_FOUND ? OK : err;
	}
	return OK;
}

static enum err find_range(struct searching *searching, struct str cursor,
			   struct messages_scan *ret, struct form_errors *errors)
{
	const struct search_query *query = searching->query;
	struct messages_scan range = {
		.user_id = searching->cx->session->user.id,
		.boxes = {BOX_INBOX, BOX_SENT, BOX_ARCHIVE},
		.label_id = searching->labels[0],
	};
	if (query->box != BOX_NONE)
		range.boxes[0] = query->box;
	if (query->box != BOX_NONE)
		range.boxes[1] = range.boxes[2] = BOX_NONE;
	if (query->before_ms > 0)
		range.before = id_first_at(query->before_ms);
	if (query->after_ms > 0)
		range.from = id_first_at(query->after_ms);
	if (cursor.len > 0) {
		struct id after;
		if (id_parse(cursor, &after) != OK) {
			form_error(searching->cx, errors, "cursor", TEXT_SEARCH_CURSOR_BAD);
			return ERR_INVALID;
		}
		if (id_is_empty(&range.before) ||
		    str_compare(id_str(&after), id_str(&range.before)) < 0)
			range.before = after;
	}
	*ret = range;
	return OK;
}

/* ---- what is shown ---- */

/* Whether it may be shown: no row of it was changed from outside, nor what it was found in. */
static enum err check_found(struct searching *searching, const struct search_found *found,
			    struct message_copy *copy, bool *ret_is_good)
{
	struct cx *cx = searching->cx;
	const struct id *user_id = &cx->session->user.id;
	*ret_is_good = false;
	enum err err = messages_get_head(searching->db, cx->arena, user_id, &found->id, copy);
	if (err == ERR_NOT_FOUND)
		return OK; /* deleted meanwhile */
	TRY(err);
	if (!copy->is_authentic)
		return OK;
	bool is_by_folded =
		found->is_by_folded && message_options_end(copy, cx_now_ms(cx)) == DELIVERY_LIVE;
	if (is_by_folded && !(copy->message.has_folded &&
			      digest_eq(str_bytes(found->folded_hash, DIGEST_BYTES),
					str_bytes(copy->message.folded_hash, DIGEST_BYTES)))) {
		log_event(LOG_ALARM, "message.unreadable", LOG_STR("message", id_str(&found->id)));
		return OK;
	}
	/* Found by its text, which it has no more. */
	*ret_is_good = is_by_folded == found->is_by_folded;
	return OK;
}

static enum err has_labels(struct searching *searching, const struct id *message_id, bool *ret)
{
	struct id *ids;
	size_t count;
	*ret = true;
	/* The first was seen to by the range. */
	if (searching->query->label_count < 2)
		return OK;
	TRY(labels_on(searching->db, searching->cx->arena, &searching->cx->session->user.id,
		      message_id, &ids, &count));
	for (size_t i = 1; i < searching->query->label_count; i++) {
		bool is_on = false;
		for (size_t j = 0; j < count; j++)
			is_on = is_on || id_eq(&ids[j], &searching->labels[i]);
		*ret = *ret && is_on;
	}
	return OK;
}

static enum err fill_snippet(struct searching *searching, const struct message_copy *found,
			     struct search_hit *hit)
{
	struct arena scratch CLEANUP_ARENA;
	struct secret *key CLEANUP_SECRET = NULL;
	struct message_copy copy = *found;
	struct cx cx = *searching->cx;
	struct str body = STR_NONE, plain;
	arena_init(&scratch, SCRATCH_BYTES);
	cx.arena = &scratch;
	/* P4.3: to be found is not to be opened, so there is nothing to read yet. */
	if (hit->row.is_unreadable || found->delivery.opened_ms == 0 ||
	    !mailbox_read_allows_body(&cx, found))
		return OK;
	TRY(messages_load_body(searching->db, &scratch, &copy));
	TRY(mailbox_read_key(&cx, &copy, &key));
	if (key)
		TRY(mailbox_read_part(&cx, &copy, MESSAGE_BODY, key, &body));
	if (body.data == NULL)
		return OK;
	TRY(plain_text(&scratch, body, &plain));
	return search_mark_snippet(searching->cx->arena, &scratch, searching->query,
				   search_match_anywhere(searching->query), plain, &hit->snippet);
}

static enum err fill_hit(struct searching *searching, const struct message_copy *copy,
			 struct search_hit *hit)
{
	struct arena *arena = searching->cx->arena;
	const struct search_query *query = searching->query;
	search_rest anywhere = search_match_anywhere(query);
	search_rest from = search_match_from(query);
	search_rest to = search_match_all(query) & ~anywhere & ~from;
	const struct message_row *row = &hit->row;
	TRY(search_mark(arena, query, anywhere, row->subject, &hit->subject));
	TRY(search_mark(arena, query, anywhere | (row->is_mine ? to : from),
			row->is_mine ? row->people : row->sender_name, &hit->people));
	return fill_snippet(searching, copy, hit);
}

static enum err read_hits(struct searching *searching, const struct search_found *found,
			  size_t count, struct search_result *result)
{
	struct cx *cx = searching->cx;
	struct message_copy *copies = ARENA_ARRAY(cx->arena, count + 1, struct message_copy);
	struct message_row *rows;
	size_t good = 0;
	result->hits = ARENA_ARRAY(cx->arena, count + 1, struct search_hit);
	if (copies == NULL || result->hits == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count; i++) {
		bool is_good, is_labelled;
		TRY(check_found(searching, &found[i], &copies[good], &is_good));
		TRY(has_labels(searching, &found[i].id, &is_labelled));
		good += is_good && is_labelled;
	}
	TRY(mailbox_read_rows(cx, searching->db, copies, good, &searching->rewrap, &rows));
	for (size_t i = 0; i < good; i++) {
		result->hits[i].row = rows[i];
		TRY(fill_hit(searching, &copies[i], &result->hits[i]));
	}
	result->count = good;
	return OK;
}

/* With a connection of its own: the scan has given its back. */
static enum err show(struct searching *searching, const struct search_found *found, size_t count,
		     struct search_result *result)
{
	struct db *db CLEANUP_READ = NULL;
	if (count == 0)
		return OK;
	TRY(store_read_begin(searching->cx->portal->store, &db));
	searching->db = db;
	return read_hits(searching, found, count, result);
}

static enum err look(struct searching *searching, const struct messages_scan *range, size_t limit,
		     struct search_result *result)
{
	struct search_scan_result scanned;
	TRY(search_scan(searching->cx, searching->query, range, limit, &scanned));
	size_t shown = scanned.count < limit ? scanned.count : limit;
	struct id looked_to =
		scanned.count > limit ? scanned.found[limit - 1].id : scanned.looked_to;
	TRY(show(searching, scanned.found, shown, result));
	mailbox_read_finish(searching->cx, &searching->rewrap);
	result->looked_to_ms = id_ms(&looked_to);
	if (!id_is_empty(&looked_to))
		result->next_cursor = arena_copy(searching->cx->arena, id_str(&looked_to));
	return searching->cx->arena->failed ? ERR_UNAVAILABLE : OK;
}

static enum err take_turn(struct cx *cx)
{
	return throttle_take(cx->portal->throttle, "searches", id_str(&cx->session->user.id), 1,
			     LIMIT_SEARCHES_PER_MINUTE, MINUTE_MS, cx_now_ms(cx));
}

enum err search_find(struct cx *cx, struct str typed, struct str cursor, int64_t limit,
		     struct search_result *ret, struct form_errors *errors)
{
	struct search_query query;
	struct searching searching = {.cx = cx, .query = &query};
	struct messages_scan range;
	if (limit < 1 || limit > LIMIT_PAGE_ROWS)
		return ERR_INVALID;
	TRY(search_query_parse(cx, typed, cx->session->user.zone, &query, errors));
	struct search_result result = {.hints = query.hints,
				       .is_query_empty = search_query_is_empty(&query)};
	if (!result.is_query_empty) {
		TRY(take_turn(cx));
		TRY(find_labels(&searching, &result.is_label_unknown));
		TRY(find_range(&searching, cursor, &range, errors));
		if (!result.is_label_unknown)
			TRY(look(&searching, &range, (size_t)limit, &result));
	}
	*ret = result;
	return OK;
}
