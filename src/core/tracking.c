#include "core/tracking.h"

#include "base/limits.h"
#include "core/mailbox_read.h"
#include "core/message_options.h"
#include "store/tracks.h"

enum tracking_state tracking_state_of(const struct message_person *person)
{
	const struct {
		bool holds;
		enum tracking_state state;
	} rows[] = {
		{person->recalled_ms > 0, TRACKING_RECALLED},
		{person->has_expired && person->opened_ms == 0, TRACKING_EXPIRED},
		{person->signed_ms > 0, TRACKING_SIGNED},
		{person->forwarded_ms > 0, TRACKING_FORWARDED},
		{person->replied_ms > 0, TRACKING_REPLIED},
		{person->opened_ms > 0, TRACKING_OPENED},
		{person->notified_ms > 0, TRACKING_NOTIFIED},
		{person->mail == MAIL_BOUNCED, TRACKING_BOUNCED},
		{person->mail == MAIL_NOT_SENT, TRACKING_NOT_SENT},
		{person->mail == MAIL_QUEUED, TRACKING_QUEUED},
	};
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		if (rows[i].holds)
			return rows[i].state;
	}
	return TRACKING_SENT;
}

const char *tracking_state_word(enum tracking_state state)
{
	switch (state) {
	case TRACKING_SENT: return "sent";
	case TRACKING_QUEUED: return "queued";
	case TRACKING_BOUNCED: return "bounced";
	case TRACKING_NOT_SENT: return "not_sent";
	case TRACKING_NOTIFIED: return "notified";
	case TRACKING_OPENED: return "opened";
	case TRACKING_REPLIED: return "replied";
	case TRACKING_FORWARDED: return "forwarded";
	case TRACKING_SIGNED: return "signed";
	case TRACKING_EXPIRED: return "expired";
	case TRACKING_RECALLED: return "recalled";
	}
	return "sent";
}

static struct file_fate *fate_of(struct message_person *person, const struct id *file_id)
{
	for (size_t i = 0; i < person->file_count; i++) {
		if (id_eq(&person->files[i].file_id, file_id))
			return &person->files[i];
	}
	struct file_fate *fate = &person->files[person->file_count++];
	*fate = (struct file_fate){.file_id = *file_id};
	return fate;
}

static bool is_of_file(const struct track *track, struct id *ret_file)
{
	return track->detail.len > 0 &&
	       (track->kind == TRACK_DOWNLOADED || track->kind == TRACK_RECALLED) &&
	       id_parse(track->detail, ret_file) == OK;
}

/* tracks: the person's. */
static enum err fill_files(struct arena *arena, const struct track *tracks, size_t count,
			   struct message_person *person)
{
	struct id file_id;
	size_t most = 0;
	for (size_t i = 0; i < count; i++)
		most += is_of_file(&tracks[i], &file_id);
	if (most == 0)
		return OK;
	person->files = ARENA_ARRAY(arena, most, struct file_fate);
	if (person->files == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count; i++) {
		if (!is_of_file(&tracks[i], &file_id))
			continue;
		struct file_fate *fate = fate_of(person, &file_id);
		if (tracks[i].kind == TRACK_DOWNLOADED)
			fate->downloaded_ms = tracks[i].at_ms;
		else
			fate->recalled_ms = tracks[i].at_ms;
	}
	return OK;
}

static enum err fill(struct arena *arena, const struct track *all, size_t all_count,
		     struct message_person *person)
{
	size_t count;
	const struct track *tracks = tracks_of_user(all, all_count, &person->id, &count);
	const struct {
		enum track_kind kind;
		int64_t *time_ms;
	} times[] = {
		{TRACK_NOTIFIED, &person->notified_ms}, {TRACK_OPENED, &person->opened_ms},
		{TRACK_REPLIED, &person->replied_ms},   {TRACK_FORWARDED, &person->forwarded_ms},
		{TRACK_RECALLED, &person->recalled_ms}, {TRACK_SIGNED, &person->signed_ms},
	};
	for (size_t i = 0; i < sizeof(times) / sizeof(times[0]); i++)
		*times[i].time_ms = tracks_time(tracks, count, &person->id, times[i].kind, STR(""));
	return fill_files(arena, tracks, count, person);
}

enum err tracking_fill_people(struct cx *cx, struct db *db, const struct id *message_id,
			      struct message_person *people, size_t count)
{
	struct track *tracks;
	size_t track_count;
	int64_t bad;
	TRY(tracks_of_message(db, cx->arena, message_id, &tracks, &track_count, &bad));
	for (size_t i = 0; i < count; i++)
		TRY(fill(cx->arena, tracks, track_count, &people[i]));
	return OK;
}

enum err tracking_fill_own(struct cx *cx, struct db *db, struct message_view *view)
{
	struct track *tracks;
	size_t count;
	const struct user *self = &cx->session->user;
	if (view->is_unreadable || view->is_mine || view->is_quoted)
		return OK;
	TRY(tracks_of_recipient(db, cx->arena, &view->id, &self->id, &tracks, &count));
	view->own.id = self->id;
	return fill(cx->arena, tracks, count, &view->own);
}

/* What a reader sees of themselves; the name as others call them. */
static enum err read_own(struct cx *cx, struct db *db, const struct message_copy *copy,
			 struct message_view *view, struct tracking *ret)
{
	if (copy->delivery.kind == RECIPIENT_QUOTED)
		return ERR_NOT_FOUND;
	TRY(tracking_fill_own(cx, db, view));
	view->own.name = user_label(&cx->session->user);
	view->own.address = cx->session->user.address;
	view->own.kind = copy->delivery.kind;
	view->own.has_expired = message_options_end(copy, cx_now_ms(cx)) == DELIVERY_EXPIRED;
	struct message_person *own = ARENA_ARRAY(cx->arena, 1, struct message_person);
	if (own == NULL)
		return ERR_UNAVAILABLE;
	*own = view->own;
	ret->people = own;
	ret->count = 1;
	return OK;
}

enum err tracking_of(struct cx *cx, const struct id *id, struct tracking *ret)
{
	struct db *db CLEANUP_READ = NULL;
	struct message_copy copy;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(messages_get(db, cx->arena, &cx->session->user.id, id, &copy));
	if (!copy.is_authentic)
		return ERR_CORRUPT;
	struct message_view view = {
		.id = *id,
		.expires_ms = copy.message.expires_ms,
		.is_mine = id_eq(&copy.message.sender_id, &cx->session->user.id),
	};
	TRY(mailbox_read_files(cx, db, &copy, false, &view));
	struct tracking tracking = {.files = view.files,
				    .file_count = view.files ? view.file_count : 0};
	if (view.is_mine)
		TRY(mailbox_read_people(cx, db, &copy.message, LIMIT_RECIPIENTS, &view));
	else
		TRY(read_own(cx, db, &copy, &view, &tracking));
	if (view.is_mine) {
		tracking.people = view.people;
		tracking.count = view.people_count;
	}
	*ret = tracking;
	return OK;
}

struct file_fate tracking_fate(const struct message_person *person, const struct id *file_id)
{
	for (size_t i = 0; i < person->file_count; i++) {
		if (id_eq(&person->files[i].file_id, file_id))
			return person->files[i];
	}
	return (struct file_fate){.file_id = *file_id};
}
