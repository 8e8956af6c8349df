#include "core/away.h"

#include "base/limits.h"
#include "base/log.h"
#include "core/preferences.h"
#include "store/contacts.h"

enum err away_load(struct cx *cx, const struct checked *checked, struct preferences_row **ret)
{
	struct db *db CLEANUP_READ = NULL;
	const struct resolved *resolved = &checked->resolved;
	struct preferences_row *rows =
		ARENA_ARRAY(cx->arena, resolved->view.count + 1, struct preferences_row);
	if (rows == NULL)
		return ERR_UNAVAILABLE;
	TRY(store_read_begin(cx->portal->store, &db));
	for (size_t i = 0; i < resolved->view.count; i++)
		if (resolved->view.items[i].state == ADDRESSEE_KNOWN)
			TRY(preferences_of(db, cx->arena, &resolved->users[i].id, &rows[i]));
	*ret = rows;
	return OK;
}

static bool is_away(struct cx *cx, const struct preferences_row *row)
{
	int64_t now_ms = cx_now_ms(cx);
	return !id_is_empty(&row->away_id) && row->away_from_ms <= now_ms &&
	       now_ms <= row->away_until_ms;
}

/* Answered before, or would not get the answer. */
static enum err is_spared(struct db *db, const struct user *sender, const struct user *user,
			  const struct preferences_row *row, bool *ret)
{
	TRY(away_answers_exist(db, row, &sender->id, ret));
	if (*ret || user->grade != GRADE_GUEST || sender->grade != GRADE_PROFESSIONAL)
		return OK;
	return blocks_exist(db, &sender->id, &user->id, ret);
}

static enum err find_away(struct cx *cx, const struct checked *checked,
			  const struct sending *sending, size_t *found, size_t *ret_count)
{
	struct db *db CLEANUP_READ = NULL;
	const struct addressing *view = &checked->resolved.view;
	*ret_count = 0;
	TRY(store_read_begin(cx->portal->store, &db));
	for (size_t i = 0; i < view->count && *ret_count < LIMIT_AWAY_ANSWERS; i++) {
		const struct preferences_row *row = &sending->preferences[i];
		bool is_skipped = true;
		/* Who stands in Bcc does not show themselves; nobody answers themselves. */
		if (view->items[i].kind == RECIPIENT_BCC || view->items[i].is_self ||
		    !is_away(cx, row))
			continue;
		TRY(is_spared(db, &checked->sender, &checked->resolved.users[i], row, &is_skipped));
		if (!is_skipped)
			found[(*ret_count)++] = i;
	}
	return OK;
}

/* From the one who is away, to the sender of the message. */
static enum err address(struct cx *cx, const struct checked *checked, size_t at,
			struct checked *ret)
{
	const struct user *sender = &checked->sender;
	*ret = (struct checked){
		.sender = checked->resolved.users[at],
		.resolved.view.items = ARENA_ARRAY(cx->arena, 1, struct addressee),
		.resolved.view.count = 1,
		.resolved.users = ARENA_ARRAY(cx->arena, 1, struct user),
		.resolved.addresses = ARENA_ARRAY(cx->arena, 1, struct address),
		.terms.options = OPTION_AUTOMATIC,
	};
	if (cx->arena->failed)
		return ERR_UNAVAILABLE;
	ret->resolved.users[0] = *sender;
	ret->resolved.view.items[0] = (struct addressee){
		.address = sender->address,
		.name = sender->name,
		.kind = RECIPIENT_TO,
		.state = ADDRESSEE_KNOWN,
		.grade = sender->grade,
	};
	ret->subject = TEXT_FILL(cx->arena, cx->language, TEXT_AWAY_SUBJECT,
				 TEXT_ARG("name", user_label(&ret->sender)));
	return OK;
}

static enum err prepare_one(struct cx *cx, const struct checked *checked, size_t at,
			    struct sending *sending)
{
	struct checked *answered = ARENA_ARRAY(cx->arena, 1, struct checked);
	struct sending *answer = &sending->answers[sending->answer_count];
	const struct draft draft = {.reply_to = sending->message.id};
	if (answered == NULL)
		return ERR_UNAVAILABLE;
	TRY(address(cx, checked, at, answered));
	enum err err = preferences_away_text(cx, &sending->preferences[at], &answered->body);
	if (err == ERR_CORRUPT) {
		log_event(LOG_ALARM, "away.unreadable",
			  LOG_STR("user", id_str(&answered->sender.id)));
		return OK;
	}
	TRY(err);
	answered->conversation_id = sending->message.conversation_id;
	*answer = (struct sending){
		.settings = sending->settings,
		.is_automatic = true,
		.away = &sending->preferences[at],
	};
	TRY(message_sending_prepare(cx, &draft, answered, answer, NULL));
	sending->answer_count++;
	return OK;
}

enum err away_prepare(struct cx *cx, const struct checked *checked, struct sending *sending)
{
	size_t found[LIMIT_AWAY_ANSWERS], count;
	if (sending->is_automatic || (checked->terms.options & OPTION_NO_REPLY))
		return OK;
	TRY(find_away(cx, checked, sending, found, &count));
	if (count == 0)
		return OK;
	sending->answers = ARENA_ARRAY(cx->arena, count, struct sending);
	if (sending->answers == NULL)
		return ERR_UNAVAILABLE;
	for (size_t i = 0; i < count; i++)
		TRY(prepare_one(cx, checked, found[i], sending));
	return OK;
}
