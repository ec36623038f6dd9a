// CLIENT TRACKING and its kin. The table of who has read what is the runtime's.
#include "dualis/commands/tracking.h"

#include <algorithm>

#include "engine/command/client_ops.h"
#include "engine/command/exec.h"
#include "engine/command/row.h"
#include "engine/command/word.h"
#include "engine/commands/families.h"

namespace dualis::cmd {
namespace {

// Whether one begins with the other.
bool Overlap(Bytes a, Bytes b) {
  const size_t n = std::min(a.size(), b.size());
  return a.substr(0, n) == b.substr(0, n);
}

Error Overlapping(Bytes prefix, Bytes which, Bytes other) {
  return errors::Named("ERR Prefix '", std::string(prefix)
                                           .append("' overlaps with ")
                                           .append(which)
                                           .append(" '")
                                           .append(other)
                                           .append("'. Prefixes for a single client must not overlap."));
}

Error CheckPrefixes(const std::vector<std::string>& wanted, const TrackingState* present) {
  for (size_t i = 0; i < wanted.size(); ++i) {
    if (present != nullptr) {
      for (const std::string& old : present->prefixes) {
        if (Overlap(wanted[i], old)) return Overlapping(wanted[i], "an existing prefix", old);
      }
    }
    for (size_t j = i + 1; j < wanted.size(); ++j) {
      if (Overlap(wanted[i], wanted[j])) return Overlapping(wanted[i], "another provided prefix", wanted[j]);
    }
  }
  return Error();
}

// Whether the options go together, and with those that hold already.
Error Check(const TrackingOptions& o, const TrackingState* present) {
  if (!o.broadcast && !o.prefixes.empty()) return Error(&errors::kPrefixNeedsBcast);
  if (present != nullptr && present->broadcast != o.broadcast) return Error(&errors::kBcastSwitch);
  if (o.broadcast && (o.opt_in || o.opt_out)) return Error(&errors::kBcastOpt);
  if (o.opt_in && o.opt_out) return Error(&errors::kOptInAndOut);
  if (present != nullptr && ((o.opt_in && present->opt_out) || (o.opt_out && present->opt_in))) {
    return Error(&errors::kOptSwitch);
  }
  return o.broadcast ? CheckPrefixes(o.prefixes, present) : Error();
}

}  // namespace

Result<Ack> Run(dualis::Exec& x, const ClientTracking& c) {
  TrackingOptions wanted;
  for (size_t i = 0; i < c.options.size(); ++i) {
    const bool more = i + 1 < c.options.size();
    if (IsWord(c.options[i], "REDIRECT") && more) {
      if (wanted.redirect != 0) return Error(&errors::kRedirectTwice);
      if (!Arg(c.options[++i]).ToInt(&wanted.redirect)) return Error(&errors::kNotInteger);
      if (!x.clients().Exists(wanted.redirect)) return Error(&errors::kRedirectNobody);
    } else if (IsWord(c.options[i], "BCAST")) {
      wanted.broadcast = true;
    } else if (IsWord(c.options[i], "OPTIN")) {
      wanted.opt_in = true;
    } else if (IsWord(c.options[i], "OPTOUT")) {
      wanted.opt_out = true;
    } else if (IsWord(c.options[i], "NOLOOP")) {
      wanted.no_loop = true;
    } else if (IsWord(c.options[i], "PREFIX") && more) {
      wanted.prefixes.emplace_back(c.options[++i]);
    } else {
      return Error(&errors::kSyntax);
    }
  }
  if (IsWord(c.status, "ON")) {
    if (Error error = Check(wanted, x.session().tracking())) return error;
    x.session().StartTracking(std::move(wanted));
  } else if (IsWord(c.status, "OFF")) {
    x.session().StopTracking();
  } else {
    return Error(&errors::kSyntax);
  }
  return Ack{};
}

Outcome Run(dualis::Exec& x, const ClientTrackingInfo&, ReplySink& sink) {
  const TrackingState* state = x.session().tracking();
  std::vector<Bytes> flags;
  flags.push_back(state != nullptr ? "on" : "off");
  if (state != nullptr) {
    if (state->broadcast) flags.push_back("bcast");
    if (state->opt_in) flags.push_back("optin");
    if (state->opt_in && state->caching) flags.push_back("caching-yes");
    if (state->opt_out) flags.push_back("optout");
    if (state->opt_out && state->caching) flags.push_back("caching-no");
    if (state->no_loop) flags.push_back("noloop");
    if (state->redirect_broken) flags.push_back("broken_redirect");
  }
  sink.Begin(Shape::kMap, 3);
  sink.Bulk("flags");
  sink.Begin(Shape::kSet, flags.size());
  for (Bytes flag : flags) sink.Bulk(flag);
  sink.End();
  sink.Bulk("redirect");
  sink.Int(state == nullptr ? -1 : state->redirect);
  sink.Bulk("prefixes");
  sink.Begin(Shape::kArray, state == nullptr ? 0 : state->prefixes.size());
  if (state != nullptr) {
    for (const std::string& prefix : state->prefixes) sink.Bulk(prefix);
  }
  sink.End();
  sink.End();
  return Outcome();
}

Result<Ack> Run(dualis::Exec& x, const ClientCaching& c) {
  const TrackingState* state = x.session().tracking();
  if (state == nullptr) return Error(&errors::kCachingOff);
  if (IsWord(c.mode, "YES")) {
    if (!state->opt_in) return Error(&errors::kCachingYes);
  } else if (IsWord(c.mode, "NO")) {
    if (!state->opt_out) return Error(&errors::kCachingNo);
  } else {
    return Error(&errors::kSyntax);
  }
  x.session().SetCaching();
  return Ack{};
}

Result<int64_t> Run(dualis::Exec& x, const ClientGetRedir&) {
  const TrackingState* state = x.session().tracking();
  return state == nullptr ? -1 : state->redirect;
}

}  // namespace dualis::cmd

namespace dualis {

Family TrackingCommands() {
  using namespace cmd;  // NOLINT(google-build-using-namespace): the list names nothing else
  static constexpr const CommandRow* kCommands[] = {
      Add<ClientCaching>(),
      Add<ClientGetRedir>(),
      Add<ClientTracking>(),
      Add<ClientTrackingInfo>(),
  };
  return {kCommands};
}

}  // namespace dualis
