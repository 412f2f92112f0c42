package dashboards

var redis = Dashboard{
	UID: "parley-redis", Title: "Parley / Redis", About: "Redis as the nodes see it. Use redis_exporter for the memory and disk of Redis.", Instances: true,
	Rows: []Row{
		{"Health", []Panel{
			{Title: "Round trip", Kind: Lines, Unit: "s", Width: 12, Warn: .05, Bad: 1,
				Normal: "p50 below 1 ms, p99 below 10 ms within one region.", Do: "RUNBOOK ParleyRedisSlow.",
				Queries: []Query{
					quantile(.5, "parley_redis_round_trip_seconds", on, "", "p50"), quantile(.99, "parley_redis_round_trip_seconds", on, "", "p99"),
				}},
			{Title: "Failed round trips", Kind: Lines, Unit: "cps", Width: 12,
				Normal: "0; a burst at a failover.", Do: "RUNBOOK ParleyRedisAway. Editing continues, but nothing is saved and people on other nodes do not see edits.",
				Queries: []Query{q(`sum by (instance) (rate(parley_redis_errors_total`+on+`[$__rate_interval]))`, "{{instance}}")}},
			{Title: "Round trips and commands", Kind: Lines, Unit: "cps", Width: 12,
				Normal: "several commands share a round trip under load.", Do: "nothing: this panel is for sizing.",
				Queries: []Query{
					q(`sum(rate(parley_redis_round_trip_seconds_count`+on+`[$__rate_interval]))`, "round trips"), q(`sum(rate(parley_redis_commands_total`+on+`[$__rate_interval]))`, "commands"),
				}},
			{Title: "Reconnections", Kind: Lines, Unit: "none", Width: 12,
				Normal: "0; some at a failover or when Redis restarts.", Do: "if steady, a firewall or proxy cuts idle connections, or Redis is overloaded (client-output-buffer-limit pubsub).",
				Queries: []Query{q(`sum by (instance) (increase(parley_redis_reconnects_total`+on+`[10m]))`, "{{instance}}")}},
		}},
		{"Nothing is missed", []Panel{
			{Title: "Gaps filled", Kind: Lines, Unit: "cps", Width: 8,
				Normal: "a burst after a reconnection.", Do: "if steady without reconnections, messages are lost between Redis and the nodes: check the network. No edit is lost, because gaps are filled.",
				Queries: []Query{q(`sum by (instance) (rate(parley_redis_gaps_filled_total`+on+`[$__rate_interval]))`, "{{instance}}")}},
			{Title: "Positions checked, and behind", Kind: Lines, Unit: "cps", Width: 8,
				Normal: "steady checks, almost none behind.", Do: "if many are behind, as for Gaps filled.",
				Queries: []Query{
					q(`sum(rate(parley_redis_position_checks_total`+on+`[$__rate_interval]))`, "checked"), q(`sum(rate(parley_redis_positions_behind_total`+on+`[$__rate_interval]))`, "behind"),
				}},
			{Title: "Entries put aside", Kind: Lines, Unit: "none", Width: 8, Bad: 1,
				Normal: "always 0.", Do: "an entry of a log could not be applied. The entry is kept for analysis. Report it.",
				Queries: []Query{q(`sum(increase(parley_redis_quarantined_total`+on+`[1h]))`, "entries")}},
		}},
	},
}

var api = Dashboard{
	UID: "parley-api", Title: "Parley / API", About: "The HTTP requests and their answers.", Instances: true,
	Rows: []Row{
		{"Requests", []Panel{
			{Title: "By route", Kind: Lines, Unit: "reqps", Width: 12, Stacked: true,
				Normal: "follows the interviews; probes and scrapes are a constant floor.", Do: "if one route dominates: the access log (msg=http) has the addresses of the clients.",
				Queries: []Query{q(`sum by (method, route) (rate(parley_http_requests_total`+on+`[$__rate_interval]))`, "{{method}} {{route}}")}},
			{Title: "By status", Kind: Lines, Unit: "reqps", Width: 12, Stacked: true,
				Normal: "2xx and 101 (websockets), some 304.", Do: "4xx: an error of a client, often an old link. 429: a rate limit was reached. 5xx: RUNBOOK ParleyErrorRate.",
				Queries: []Query{q(`sum by (status) (rate(parley_http_requests_total`+on+`[$__rate_interval]))`, "{{status}}")}},
			{Title: "Time to answer, p95 by route", Kind: Lines, Unit: "s", Width: 12, Warn: .5, Bad: 2,
				Normal: "some ms.", Do: "all routes slow: check the store. One route: the export of a long interview takes a second.",
				Queries: []Query{quantile(.95, "parley_http_request_seconds", on, "route", "{{route}}")}},
			{Title: "Refused", Kind: Lines, Unit: "reqps", Width: 12,
				Normal: "few.", Do: "many 401 and 404 from few addresses: someone guesses links, and the rate limit (--invite-failures) stops them. 429: raise the limit if a company shares one address.",
				Queries: []Query{q(`sum by (status) (rate(parley_http_requests_total{instance=~"$instance",status=~"4.."}[$__rate_interval]))`, "{{status}}")}},
		}},
		{"Sessions", []Panel{
			{Title: "Created and joined", Kind: Lines, Unit: "none", Width: 12,
				Normal: "follows the calendar.", Do: "if none are created and people complain: check for a missing API key (401).",
				Queries: []Query{
					q(`sum(increase(parley_http_requests_total{instance=~"$instance",method="POST",route="/api/v1/sessions",status="201"}[10m]))`, "created in 10 min"),
					q(`sum(increase(parley_http_requests_total{instance=~"$instance",method="POST",route=~"/api/v1/join|/api/v1/sessions/:id/join",status="200"}[10m])) or vector(0)`, "joined in 10 min"),
				}},
			{Title: "Webhooks", Kind: Lines, Unit: "cps", Width: 12, Stacked: true,
				Normal: "delivered only.", Do: "failed: the receiver was down longer than all attempts take. The log lists the events.",
				Queries: []Query{q(`sum by (result) (rate(parley_webhooks_total`+on+`[$__rate_interval]))`, "{{result}}")}},
			{Title: "Sign-in", Kind: Lines, Unit: "none", Width: 12, Stacked: true,
				Normal: "303: people go to the provider and come back signed in.", Do: "502 and 503: RUNBOOK ParleySignInFailing. 403: people in none of the groups. 400: sign-ins that took longer than ten minutes.",
				Queries: []Query{q(`sum by (route, status) (increase(parley_http_requests_total{instance=~"$instance",route=~"/auth/login|/auth/callback"}[10m]))`, "{{route}} {{status}} in 10 min")}},
		}},
		{"Archive", []Panel{
			{Title: "Interviews that wait", Kind: Lines, Unit: "none", Width: 8,
				Normal: "0, or a few for some seconds after the end of interviews. Nothing is shown where --archive is off.", Do: "if it stays: RUNBOOK ParleyArchiveBehind. Nothing is lost for seven days.",
				Queries: []Query{q(`max(parley_archive_pending)`, "waiting")}},
			{Title: "The longest wait", Kind: Lines, Unit: "s", Width: 8, Warn: 300, Bad: 900,
				Normal: "below a minute.", Do: "RUNBOOK ParleyArchiveBehind.",
				Queries: []Query{q(`max(parley_archive_waiting_seconds)`, "waited")}},
			{Title: "Written", Kind: Lines, Unit: "none", Width: 8, Stacked: true,
				Normal: "ok only: each interview once at its end, and again when something was added after it.", Do: "failed: the log (the archive fails) has the reason; parley doctor tries the place.",
				Queries: []Query{q(`sum by (result) (increase(parley_archive_writes_total`+on+`[10m]))`, "{{result}} in 10 min")}},
		}},
	},
}
