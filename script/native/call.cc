// Commands. They are looked up when the script is compiled, their literal words prepared once; the other words become
// Args over the values' own bytes. Numbers that are integers travel as integers, whose text is the same everywhere;
// other numbers as the text that scripts give them, which is what a server would be sent.
#include <array>
#include <cmath>

#include "engine/command/describe.h"
#include "engine/command/prepare.h"
#include "script/ir/program.h"
#include "script/native/compiler.h"
#include "script/native/value_sink.h"

namespace dualis::script::native {
namespace {

using Room = char[kNumberText];

// The word that a value makes. Text of a number lies in `room`. False if the value is no word.
bool WordOf(const Value& v, Room& room, Arg* word) {
  if (v.is_bytes()) {
    *word = Arg(v.bytes());
    return true;
  }
  if (!v.is_number()) return false;
  const double number = v.number();
  if (std::fabs(number) <= 9007199254740992.0 && std::trunc(number) == number) {
    *word = Arg(static_cast<int64_t>(number));
    return true;
  }
  *word = Arg(NumberText(number, room));
  return true;
}

Value NoWord(OpContext& cx, Bytes command, const Value& v) {
  std::string text = "ERR ";
  text.append(command).append(": a word must be number or bytes, not ").append(KindName(v.kind()));
  return cx.Fail(Error(ErrorCode::kErr, text));
}

// What all calls have: the command, and what becomes of its reply.
class CallBase : public Formula {
 protected:
  CallBase(const ir::Node& node, bool discard)
      : command_(node.command), adapt_(node.adapt), keep_reals_(KeepsReals(node.adapt)), discard_(discard) {}

  // `row` and `prepared`: as CommandCaller::CallKnown, or null.
  const Value& Run(Frame& f, const CommandRow* row, PreparedCommand* prepared, Args argv, Value& scratch) const {
    if (discard_) {
      DiscardSink sink;
      Succeeded(f, Send(f, row, prepared, argv, sink), sink.error());
      return scratch = Value();
    }
    ValueSink sink(keep_reals_);
    if (!Succeeded(f, Send(f, row, prepared, argv, sink), sink.error())) return scratch = Value();
    scratch = sink.Take();
    if (adapt_ != Adapt::kRaw) scratch = AdaptReply(adapt_, std::move(scratch));
    if (scratch.counted()) f.cx.Weigh(scratch);
    return scratch;
  }

  const std::string command_;

 private:
  static Error Send(Frame& f, const CommandRow* row, PreparedCommand* prepared, Args argv, ReplySink& sink) {
    return row ? f.caller.CallKnown(*row, prepared, argv, sink) : f.caller.Call(argv, sink);
  }
  static bool Succeeded(Frame& f, Error&& error, const Error& replied) {
    if (!error && !replied) [[likely]]
      return true;
    f.cx.Fail(error ? std::move(error) : replied);
    return false;
  }

  const Adapt adapt_;
  const bool keep_reals_;
  const bool discard_;
};

// A word: one that is known, a key of the script, a variable or an argument, or whatever a formula gives.
struct Word {
  enum class From : uint8_t { kFixed, kKey, kVar, kArg, kFormula };
  From from = From::kFormula;
  uint32_t index = 0;
  FormulaPtr formula;
  Room text;  // of a fixed number
};

void MakeWord(const ir::Node& node, const CommandTable* commands, Word* word, Arg* known) {
  word->formula = CompileFormula(node, commands);
  word->index = node.index;
  const Value* constant = word->formula->constant();
  if (constant != nullptr && WordOf(*constant, word->text, known)) {
    word->from = Word::From::kFixed;
  } else if (node.kind == ir::NodeKind::kKey) {
    word->from = Word::From::kKey;
  } else if (node.kind == ir::NodeKind::kVar) {
    word->from = Word::From::kVar;
  } else if (node.kind == ir::NodeKind::kArg) {
    word->from = Word::From::kArg;
  }
}

// A known number of words, up to kWords.
template <size_t kWords>
class CallFormula final : public CallBase {
 public:
  CallFormula(const ir::Node& node, bool discard, const CommandTable* commands)
      : CallBase(node, discard), count_(node.args.size()) {
    known_[0] = Arg(Bytes(command_));
    for (size_t i = 0; i < count_; ++i) {
      MakeWord(*node.args[i], commands, &words_[i], &known_[i + 1]);
      computes_ |= words_[i].from == Word::From::kFormula;
    }
    if (commands) row_ = Look(*commands);
    if (row_ != nullptr && row_->prepare != nullptr) prepared_ = Prepare();
  }

  const Value& Eval(Frame& f, Value& scratch) const override {
    if (!f.Step()) return scratch = Value();
    return computes_ ? EvalComputed(f, scratch) : EvalWith(f, nullptr, scratch);
  }
  std::string Text() const override {
    std::string text = (row_ ? "run " : "find ") + command_ + "(";
    for (size_t i = 0; i < count_; ++i) text += (i > 0 ? ", " : "") + words_[i].formula->Text();
    return text + ")";
  }

 private:
  const Value& EvalComputed(Frame& f, Value& scratch) const {
    std::array<Value, kWords> keep;
    return EvalWith(f, keep.data(), scratch);
  }
  // `keep`: a place for the value of each formula.
  const Value& EvalWith(Frame& f, Value* keep, Value& scratch) const {
    std::array<Arg, kWords + 1> argv = known_;
    std::array<Room, kWords> rooms;
    for (size_t i = 0; i < kWords; ++i) {
      if (i == count_) break;
      const Word& word = words_[i];
      const Value* v = nullptr;
      switch (word.from) {
        case Word::From::kFixed:
          continue;
        case Word::From::kKey:
          argv[i + 1] = Arg(f.keys[word.index]);
          continue;
        case Word::From::kVar:
          v = &f.slots[word.index];
          break;
        case Word::From::kArg:
          v = &f.args[word.index];
          break;
        case Word::From::kFormula:
          v = &word.formula->Eval(f, keep[i]);
          if (f.failed()) return scratch = Value();
          break;
      }
      if (!WordOf(*v, rooms[i], &argv[i + 1])) return scratch = NoWord(f.cx, command_, *v);
    }
    return Run(f, row_, prepared_.get(), Args(argv.data(), count_ + 1), scratch);
  }

  // The command, if it is sure to be allowed with so many words; errors belong to the moment of the call.
  const CommandRow* Look(const CommandTable& commands) const {
    // A word that is not known yet could be any subcommand: then only a command without such is found.
    const Arg first[] = {known_[0], count_ > 0 && words_[0].from == Word::From::kFixed ? known_[1] : Arg("")};
    Error unknown;
    const CommandRow* row = commands.Find(Args(first, count_ > 0 ? 2 : 1), &unknown);
    if (row == nullptr || row->run == nullptr || row->is(kNoScriptFlag)) return nullptr;
    return row->describe().Accepts(count_ + 1) ? row : nullptr;
  }

  std::unique_ptr<PreparedCommand> Prepare() const {
    uint64_t unknown = 0;
    for (size_t i = 0; i < count_; ++i) unknown |= uint64_t{words_[i].from != Word::From::kFixed} << (i + 1);
    return row_->prepare(Args(known_.data(), count_ + 1), unknown);
  }

  const size_t count_;
  bool computes_ = false;  // a word comes from a formula
  std::array<Word, kWords> words_;
  std::array<Arg, kWords + 1> known_;  // with the words that are not fixed left empty
  const CommandRow* row_ = nullptr;
  // Filled anew by each call: one at a time, as the engine's gate lets them in.
  std::unique_ptr<PreparedCommand> prepared_;
};

// Any number of words, known when they are there.
class SpreadingCall final : public CallBase {
 public:
  SpreadingCall(const ir::Node& node, bool discard, const CommandTable* commands) : CallBase(node, discard) {
    for (const auto& arg : node.args) {
      words_.push_back({CompileFormula(*arg, commands), arg->kind == ir::NodeKind::kSpread});
    }
  }

  const Value& Eval(Frame& f, Value& scratch) const override {
    if (!f.Step()) return scratch = Value();
    // Pieces first, words second: a value must not move once an Arg points into it.
    std::vector<Value> values;
    if (!Collect(f, &values)) return scratch = Value();
    if (values.size() > ir::kMaxWords) {
      return scratch = f.cx.Fail(Error(ErrorCode::kErr, "ERR " + command_ + ": too many words"));
    }
    std::vector<Arg> argv(values.size() + 1);
    argv[0] = Arg(Bytes(command_));
    for (size_t i = 0; i < values.size(); ++i) {
      if (values[i].is_number()) {
        char buffer[kNumberText];
        values[i] = Value(NumberText(values[i].number(), buffer));
      }
      argv[i + 1] = Arg(values[i].bytes());
    }
    return Run(f, nullptr, nullptr, argv, scratch);
  }
  std::string Text() const override {
    std::string text = "find " + command_ + "(";
    for (const Part& part : words_) {
      text += (text.back() == '(' ? "" : ", ") + std::string(part.spread ? "*" : "") + part.formula->Text();
    }
    return text + ")";
  }

 private:
  struct Part {
    FormulaPtr formula;
    bool spread;
  };

  bool Collect(Frame& f, std::vector<Value>* values) const {
    for (const Part& part : words_) {
      Value keep;
      Value v = part.formula->Eval(f, keep);
      if (f.failed()) return false;
      if (!part.spread) {
        if (!Add(f, v, values)) return false;
      } else if (v.is_list()) {
        for (const Value& item : v.items()) {
          if (!Add(f, item, values)) return false;
        }
      } else if (v.is_dict()) {
        for (const auto& [key, item] : v.entries()) {
          values->emplace_back(key);
          if (!Add(f, item, values)) return false;
        }
      } else {
        std::string text = "ERR ";
        text.append(command_).append(": Spread needs list or dict, not ").append(KindName(v.kind()));
        f.cx.Fail(Error(ErrorCode::kErr, text));
        return false;
      }
    }
    return true;
  }
  bool Add(Frame& f, const Value& v, std::vector<Value>* values) const {
    if (!v.is_bytes() && !v.is_number()) {
      NoWord(f.cx, command_, v);
      return false;
    }
    values->push_back(v);
    return true;
  }

  std::vector<Part> words_;
};

}  // namespace

FormulaPtr CompileCall(const ir::Node& node, bool discard, const CommandTable* commands) {
  bool spreads = node.args.size() > 12;
  for (const auto& arg : node.args) spreads |= arg->kind == ir::NodeKind::kSpread;
  if (spreads) return std::make_unique<SpreadingCall>(node, discard, commands);
  if (node.args.size() <= 1) return std::make_unique<CallFormula<1>>(node, discard, commands);
  if (node.args.size() <= 2) return std::make_unique<CallFormula<2>>(node, discard, commands);
  if (node.args.size() <= 4) return std::make_unique<CallFormula<4>>(node, discard, commands);
  return std::make_unique<CallFormula<12>>(node, discard, commands);
}

}  // namespace dualis::script::native
