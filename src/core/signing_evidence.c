#include "core/signing_evidence.h"

#include "base/limits.h"
#include "base/utf8.h"
#include "core/form_errors.h"
#include "store/address_proofs.h"

/* A line of the trail, whatever a program calls itself. */
static struct str one_line(struct cx *cx, struct str text)
{
	return utf8_is_line(text) ? utf8_first(text, LIMIT_USER_AGENT_BYTES)
				  : form_error_quote(cx, text);
}

enum err signing_evidence_of_self(struct cx *cx, struct str user_agent, struct signing_detail *ret)
{
	struct db *db CLEANUP_READ = NULL;
	struct address_proof proof;
	struct user user;
	TRY(store_read_begin(cx->portal->store, &db));
	TRY(users_by_id(db, cx->arena, &cx->session->user.id, &user));
	*ret = (struct signing_detail){
		.name = user_label(&user),
		.address = user.address,
		.remote = cx->remote,
		.user_agent = one_line(cx, user_agent),
	};
	enum err err = address_proofs_newest(db, cx->arena, &user.id, user.address_key, &proof);
	if (err == OK) {
		ret->proof_kind = proof.kind;
		ret->proof_ms = proof.at_ms;
		ret->proof = proof.link;
	}
	return err == ERR_NOT_FOUND ? OK : err;
}
