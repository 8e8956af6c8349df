/* For core/signing*.c: who may do what with a request now, and why not. */
#pragma once

#include "core/signing_case.h"

/* As things stand, by its deadline too where housekeeping has not come by. */
enum signing_state signing_act_state(const struct cx *cx, const struct signing_case *one);
bool signing_act_may_sign(const struct cx *cx, const struct signing_case *one);
bool signing_act_may_decline(const struct cx *cx, const struct signing_case *one);
/* It is their turn, a mail can bring them here, and they are not who sends it. */
bool signing_act_is_to_remind(const struct signing_case *one, int64_t at);

/* The sentence that tells of the end of a request, in errors[""]; ERR_CONFLICT. */
enum err signing_act_refuse_ended(struct cx *cx, enum signing_state state,
				  struct form_errors *errors) MUST_CHECK;
/* ERR_DENIED, ERR_CONFLICT with errors[""]. */
enum err signing_act_check_signer(struct cx *cx, const struct signing_case *one, bool is_to_sign,
				  struct form_errors *errors) MUST_CHECK;
enum err signing_act_check_sender(struct cx *cx, const struct signing_case *one,
				  struct form_errors *errors) MUST_CHECK;
/* As signing_case_open(), with a sentence where it was recalled. */
enum err signing_act_open(struct cx *cx, const struct id *message_id, struct signing_case *ret,
			  struct form_errors *errors) MUST_CHECK;
/* A reason that is shown to everybody. ERR_INVALID with errors["reason"]. */
enum err signing_act_reason(struct cx *cx, struct str typed, struct str *ret,
			    struct form_errors *errors) MUST_CHECK;
/* After the commit: everybody of it sees it at once. */
void signing_act_tell(struct cx *cx, const struct signing_case *one);
