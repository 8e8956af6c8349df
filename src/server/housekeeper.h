/* The thread that sweeps (core/housekeeping.h), every few minutes. */
#pragma once

#include "core/portal.h"

struct housekeeper;

enum err housekeeper_start(struct portal *portal, struct housekeeper **ret) MUST_CHECK;
/* NULL is fine. */
void housekeeper_stop(struct housekeeper *housekeeper);
