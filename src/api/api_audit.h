/* The audit log as JSON, for administrators. */
#pragma once

#include "http/route.h"

handler_fn api_audit_list, api_audit_export;
