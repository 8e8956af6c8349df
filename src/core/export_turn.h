/* One export at a time for each person: it reads everything they have. */
#pragma once

#include "core/cx.h"

struct export_turns; /* portal->export_turns */

enum err export_turns_new(struct export_turns **ret) MUST_CHECK;
/* When nobody exports any more. NULL is fine. */
void export_turns_free(struct export_turns *turns);
/* ERR_CONFLICT: this person exports already. */
enum err export_turn_take(struct portal *portal, const struct id *user_id) MUST_CHECK;
void export_turn_give_back(struct portal *portal, const struct id *user_id);
