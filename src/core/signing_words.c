#include "core/signing_words.h"

#include "store/address_proofs.h"

static struct str label_of(const struct signing_case *one, const struct id *user_id)
{
	if (id_eq(user_id, &one->sender.id))
		return user_label(&one->sender);
	for (int64_t i = 0; i < one->signing.signer_count; i++)
		if (id_eq(user_id, &one->users[i].id))
			return user_label(&one->users[i]);
	return STR_NONE;
}

struct str signing_words_who(const struct signing_case *one, size_t event)
{
	struct str name = one->details[event].name;
	return name.len > 0 ? name : label_of(one, &one->events[event].user_id);
}

struct str signing_words_proof(struct cx *cx, const struct language *language, struct str time,
			       const struct signing_detail *detail)
{
	enum text_id words = TEXT_SIGNING_PROOF_NONE;
	if (detail->proof_kind == ADDRESS_PROOF_INVITATION)
		words = TEXT_SIGNING_PROOF_INVITATION;
	if (detail->proof_kind == ADDRESS_PROOF_RESET)
		words = TEXT_SIGNING_PROOF_RESET;
	if (detail->proof_kind == ADDRESS_PROOF_CHANGE)
		words = TEXT_SIGNING_PROOF_CHANGE;
	return TEXT_FILL(cx->arena, language, words, TEXT_ARG("time", time));
}

static struct str document_name(const struct signing_case *one, const struct signing_detail *detail)
{
	int64_t at = detail->change_count > 0 ? detail->changes[0].position : 0;
	return at >= 0 && at < one->signing.document_count ? one->heads[at].name : STR_NONE;
}

static enum text_id words_of(const struct signing_event *event, const struct signing_detail *detail)
{
	bool has_reason = detail->reason.len > 0;
	switch (event->kind) {
	case AUDIT_SIGNING_SENT: return TEXT_SIGNING_DID_SENT;
	case AUDIT_SIGNING_OPENED: return TEXT_SIGNING_DID_OPENED;
	case AUDIT_SIGNING_AGREED: return TEXT_SIGNING_DID_AGREED;
	case AUDIT_SIGNING_SIGNED: return TEXT_SIGNING_DID_SIGNED;
	case AUDIT_SIGNING_DECLINED:
		return has_reason ? TEXT_SIGNING_DID_DECLINED_REASON : TEXT_SIGNING_DID_DECLINED;
	case AUDIT_SIGNING_COMPLETED: return TEXT_SIGNING_DID_COMPLETED;
	case AUDIT_SIGNING_CANCELLED:
		if (id_is_empty(&event->user_id))
			return TEXT_SIGNING_DID_BROKEN_OFF;
		return has_reason ? TEXT_SIGNING_DID_CANCELLED_REASON : TEXT_SIGNING_DID_CANCELLED;
	case AUDIT_SIGNING_EXPIRED: return TEXT_SIGNING_DID_EXPIRED;
	case AUDIT_SIGNING_REMINDED: return TEXT_SIGNING_DID_REMINDED;
	case AUDIT_SIGNING_DOWNLOADED: return TEXT_SIGNING_DID_DOWNLOADED;
	}
	return TEXT_SIGNING_DID_OTHER;
}

struct str signing_words_event(struct cx *cx, const struct language *language,
			       const struct signing_case *one, size_t event)
{
	const struct signing_detail *detail = &one->details[event];
	struct str remote = detail->remote;
	if (remote.len == 0)
		remote = text_get(language, TEXT_SIGNING_REMOTE_UNKNOWN);
	return TEXT_FILL(cx->arena, language, words_of(&one->events[event], detail),
			 TEXT_ARG("remote", remote), TEXT_ARG("reason", detail->reason),
			 TEXT_ARG("document", document_name(one, detail)));
}
