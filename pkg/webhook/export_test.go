package webhook

// SlackBody is slackBody, for the fuzzer.
var SlackBody = slackBody
