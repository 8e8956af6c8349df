#include "web/signing_card.h"

#include "web/delivery.h"
#include "web/file_words.h"
#include "web/when.h"

/* ---- how it stands, in words ---- */

struct words {
	enum text_id title, lead;
};

/* Signed so far, and who is waited for. */
struct standing {
	const struct signing_signer *own, *declined, *next, *gone;
	int64_t signed_count, asked_count;
};

static struct standing standing_of(const struct signing_view *view)
{
	struct standing standing = {0};
	for (size_t i = 0; i < view->signer_count; i++) {
		const struct signing_signer *signer = &view->signers[i];
		if (signer->is_me)
			standing.own = signer;
		if (signer->is_gone && standing.gone == NULL)
			standing.gone = signer;
		if (signer->state == SIGNER_SIGNED)
			standing.signed_count++;
		if (signer->state == SIGNER_DECLINED)
			standing.declined = signer;
		if (signer->state != SIGNER_ASKED)
			continue;
		standing.asked_count++;
		if (standing.next == NULL)
			standing.next = signer;
	}
	return standing;
}

static struct words words_of_open(const struct signing_view *view, const struct standing *standing,
				  bool is_mine)
{
	const struct signing_signer *own = standing->own;
	enum text_id lead = view->signer_count > 1 ? TEXT_SIGNING_CARD_ASKED_OWN
						   : TEXT_SIGNING_CARD_ASKED_ALONE;
	if (own && view->can_sign)
		return (struct words){TEXT_SIGNING_CARD_ASKED_TITLE,
				      is_mine ? lead : TEXT_SIGNING_CARD_ASKED};
	if (own && own->state == SIGNER_WAITING)
		return (struct words){TEXT_SIGNING_CARD_TURN_TITLE, TEXT_SIGNING_CARD_TURN};
	if (own && own->state == SIGNER_SIGNED)
		return (struct words){TEXT_SIGNING_CARD_SIGNED_TITLE, TEXT_SIGNING_CARD_SIGNED};
	return (struct words){TEXT_SIGNING_CARD_OPEN_TITLE,
			      !is_mine                    ? TEXT_SIGNING_CARD_OPEN
			      : standing->asked_count > 1 ? TEXT_SIGNING_CARD_OPEN_MINE_SEVERAL
							  : TEXT_SIGNING_CARD_OPEN_MINE};
}

/* By the portal: somebody of it was erased. */
static enum text_id words_of_broken_off(bool is_mine, bool has_signed)
{
	if (is_mine)
		return TEXT_SIGNING_CARD_BROKEN_OFF_MINE;
	return has_signed ? TEXT_SIGNING_CARD_BROKEN_OFF_SIGNED : TEXT_SIGNING_CARD_BROKEN_OFF;
}

static struct words words_of(const struct signing_view *view, const struct standing *standing,
			     bool is_mine)
{
	bool has_signed = standing->own && standing->own->state == SIGNER_SIGNED;
	switch (view->state) {
	case SIGNING_COMPLETED:
		return (struct words){TEXT_SIGNING_CARD_COMPLETED_TITLE,
				      TEXT_SIGNING_CARD_COMPLETED};
	case SIGNING_DECLINED:
		if (standing->own && standing->own == standing->declined)
			return (struct words){TEXT_SIGNING_CARD_DECLINED_OWN_TITLE,
					      TEXT_SIGNING_CARD_DECLINED_OWN};
		return (struct words){TEXT_SIGNING_CARD_DECLINED_TITLE, TEXT_SIGNING_CARD_DECLINED};
	case SIGNING_EXPIRED:
		return (struct words){TEXT_SIGNING_CARD_EXPIRED_TITLE,
				      has_signed ? TEXT_SIGNING_CARD_EXPIRED_SIGNED
						 : TEXT_SIGNING_CARD_EXPIRED};
	case SIGNING_CANCELLED:
		if (view->is_broken_off)
			return (struct words){TEXT_SIGNING_CARD_CANCELLED_TITLE,
					      words_of_broken_off(is_mine, has_signed)};
		return (struct words){TEXT_SIGNING_CARD_CANCELLED_TITLE,
				      is_mine      ? TEXT_SIGNING_CARD_CANCELLED_MINE
				      : has_signed ? TEXT_SIGNING_CARD_CANCELLED_SIGNED
						   : TEXT_SIGNING_CARD_CANCELLED};
	case SIGNING_OPEN: break;
	}
	return words_of_open(view, standing, is_mine);
}

static enum signing_tone tone_of(const struct signing_view *view)
{
	if (view->state == SIGNING_COMPLETED)
		return SIGNING_TONE_DONE;
	if (view->state != SIGNING_OPEN)
		return SIGNING_TONE_ENDED;
	return view->can_sign ? SIGNING_TONE_ASKS : SIGNING_TONE_WAITS;
}

static void say_standing(struct cx *cx, const struct signing_view *view, bool is_mine,
			 struct str sender, struct signing_card *card)
{
	struct standing standing = standing_of(view);
	struct words words = words_of(view, &standing, is_mine);
	const struct signing_signer *named = standing.declined ? standing.declined : standing.next;
	struct text_arg args[] = {
		TEXT_ARG("sender", sender),
		TEXT_ARG("name", named ? named->name : STR_NONE),
		TEXT_NUMBER("count", (int64_t)view->document_count),
		TEXT_NUMBER("signed", standing.signed_count),
		TEXT_NUMBER("all", (int64_t)view->signer_count),
	};
	size_t count = sizeof(args) / sizeof(args[0]);
	card->tone = tone_of(view);
	card->signed_count = standing.signed_count;
	card->title = text_fill(cx->arena, cx->language, words.title, args, count);
	card->lead = text_fill(cx->arena, cx->language, words.lead, args, count);
	if (standing.gone && view->state == SIGNING_OPEN)
		card->trouble = TEXT_FILL(cx->arena, cx->language, TEXT_SIGNING_CARD_GONE,
					  TEXT_ARG("name", standing.gone->name));
	if (view->deadline_ms > 0 && view->state == SIGNING_OPEN)
		card->deadline = TEXT_FILL(cx->arena, cx->language,
					   view->can_sign ? TEXT_SIGNING_CARD_DEADLINE_OWN
							  : TEXT_SIGNING_CARD_DEADLINE,
					   TEXT_ARG("date", when_long(cx, view->deadline_ms)));
}

/* ---- people ---- */

static struct str at(struct cx *cx, enum text_id id, int64_t ms)
{
	return TEXT_FILL(cx->arena, cx->language, id, TEXT_ARG("date", when_long(cx, ms)));
}

static struct str state_of(struct cx *cx, const struct signing_view *view,
			   const struct signing_signer *signer)
{
	if (signer->is_gone && view->state == SIGNING_OPEN)
		return text_get(cx->language, TEXT_SIGNING_CARD_PERSON_GONE);
	switch (signer->state) {
	case SIGNER_SIGNED: return at(cx, TEXT_SIGNING_CARD_PERSON_SIGNED, signer->ended_ms);
	case SIGNER_DECLINED: return at(cx, TEXT_SIGNING_CARD_PERSON_DECLINED, signer->ended_ms);
	case SIGNER_WAITING:
		return text_get(cx->language, view->state == SIGNING_OPEN
						      ? TEXT_SIGNING_CARD_PERSON_WAITING
						      : TEXT_SIGNING_CARD_PERSON_NOT);
	case SIGNER_ASKED: break;
	}
	if (view->state != SIGNING_OPEN)
		return text_get(cx->language, TEXT_SIGNING_CARD_PERSON_NOT);
	if (signer->opened_ms > 0)
		return at(cx, TEXT_SIGNING_CARD_PERSON_OPENED, signer->opened_ms);
	return at(cx, TEXT_SIGNING_CARD_PERSON_ASKED, signer->asked_ms);
}

static enum err fill_people(struct cx *cx, const struct signing_view *view,
			    struct signing_card *card)
{
	card->people = ARENA_ARRAY(cx->arena, view->signer_count + 1, struct signing_card_person);
	if (card->people == NULL)
		return ERR_UNAVAILABLE;
	card->count = view->signer_count;
	bool is_ordered = view->order == SIGNING_IN_SEQUENCE && view->signer_count > 1;
	for (size_t i = 0; i < view->signer_count; i++) {
		const struct signing_signer *signer = &view->signers[i];
		card->people[i] = (struct signing_card_person){
			.number = is_ordered ? (int64_t)i + 1 : 0,
			.name = signer->is_me ? TEXT_FILL(cx->arena, cx->language,
							  TEXT_SIGNING_CARD_PERSON_YOU,
							  TEXT_ARG("name", signer->name))
					      : signer->name,
			.address = delivery_address(signer->name, signer->address),
			.state = state_of(cx, view, signer),
			.reason = signer->reason,
			.is_done = signer->state == SIGNER_SIGNED,
			.is_bad = signer->state == SIGNER_DECLINED,
		};
	}
	return OK;
}

/* ---- documents, events ---- */

static enum err fill_documents(struct cx *cx, const struct signing_view *view,
			       struct signing_card *card)
{
	card->documents =
		ARENA_ARRAY(cx->arena, view->document_count + 1, struct signing_card_document);
	if (card->documents == NULL)
		return ERR_UNAVAILABLE;
	card->document_count = view->document_count;
	card->is_sealed = view->state == SIGNING_COMPLETED;
	card->has_zip = card->is_sealed && view->document_count > 1;
	for (size_t i = 0; i < view->document_count; i++) {
		const struct signing_document *document = &view->documents[i];
		card->documents[i] = (struct signing_card_document){
			.position = document->position,
			.file_id = document->file_id,
			.is_sealed = card->is_sealed && document->file_id.text[0] != 0,
			.name = document->name,
			.facts =
				TEXT_FILL(cx->arena, cx->language, TEXT_SIGNING_CARD_DOCUMENT_FACTS,
					  TEXT_NUMBER("count", document->pages),
					  TEXT_ARG("size", file_words_size(cx, document->bytes))),
			.original_sha256 = document->original_sha256,
			.sha256 = document->sha256,
			.is_changed = !str_eq(document->original_sha256, document->sha256),
		};
	}
	return OK;
}

static enum err fill_events(struct cx *cx, const struct signing_view *view,
			    struct signing_card *card)
{
	card->events = ARENA_ARRAY(cx->arena, view->event_count + 1, struct signing_card_event);
	if (card->events == NULL)
		return ERR_UNAVAILABLE;
	card->event_count = view->event_count;
	for (size_t i = 0; i < view->event_count; i++) {
		const struct signing_event_view *event = &view->events[i];
		card->events[i] = (struct signing_card_event){
			.who = event->who.len > 0
				       ? event->who
				       : text_get(cx->language, TEXT_SIGNING_CARD_PORTAL),
			.words = event->detail,
			.when = when_long(cx, event->at_ms),
			.when_iso = when_iso(cx, event->at_ms),
		};
	}
	return OK;
}

enum err signing_card_fill(struct cx *cx, const struct id *message_id, bool is_mine,
			   struct str sender, struct signing_card *ret)
{
	struct signing_view view;
	enum err err = signing_get(cx, message_id, &view);
	*ret = (struct signing_card){.is_shown = false};
	/* None, gone, or behind the password of a confidential message. */
	if (err == ERR_NOT_FOUND || err == ERR_CONFLICT || err == ERR_DENIED)
		return OK;
	TRY(err);
	struct signing_card card = {
		.is_shown = true,
		.message_id = *message_id,
		.reason = view.reason,
		.can_sign = view.can_sign,
		.can_decline = view.can_decline,
		.can_cancel = view.can_cancel,
		.can_remind = view.can_remind,
		.sender_signs = view.sender_signs,
	};
	say_standing(cx, &view, is_mine, sender, &card);
	TRY(fill_people(cx, &view, &card));
	TRY(fill_documents(cx, &view, &card));
	TRY(fill_events(cx, &view, &card));
	*ret = card;
	return OK;
}
