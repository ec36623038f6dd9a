// Commands. The words that are literals are prepared once; the others become Args over the values' own bytes. Numbers
// that are integers travel as integers, whose text is the same everywhere; other numbers as the text that scripts give
// them, which is what a server would be sent.
#include <array>
#include <cmath>

#include "script/ir/program.h"
#include "script/native/compiler.h"
#include "script/native/value_sink.h"

namespace dualis::script::native {
namespace {

constexpr size_t kFewWords = 12;

// The word that a value makes. Text of a number is kept in `keep`. False if the value is no word.
bool WordOf(const Value& v, Value& keep, Arg* word) {
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
  char buffer[kNumberText];
  keep = Value(NumberText(number, buffer));
  *word = Arg(keep.bytes());
  return true;
}

Value NoWord(OpContext& cx, Bytes command, const Value& v) {
  std::string text = "ERR ";
  text.append(command).append(": a word must be number or bytes, not ").append(KindName(v.kind()));
  return cx.Fail(Error(ErrorCode::kErr, text));
}

class CallFormula final : public Formula {
 public:
  CallFormula(const ir::Node& node, bool discard)
      : command_(node.command), adapt_(node.adapt), keep_reals_(KeepsReals(node.adapt)), discard_(discard) {
    for (const auto& arg : node.args) {
      Word word;
      word.formula = CompileFormula(*arg);
      word.spread = arg->kind == ir::NodeKind::kSpread;
      spreads_ |= word.spread;
      if (arg->kind == ir::NodeKind::kKey) word.key = static_cast<int>(arg->index);
      if (const Value* v = word.formula->constant(); v && !word.spread) word.fixed = WordOf(*v, word.text, &word.arg);
      words_.push_back(std::move(word));
    }
    // Bytes of a short text live in the Word itself, which has moved while the vector grew.
    for (Word& word : words_) {
      if (word.fixed) WordOf(*word.formula->constant(), word.text, &word.arg);
    }
  }

  const Value& Eval(Frame& f, Value& scratch) const override {
    if (!f.Step()) return scratch = Value();
    if (spreads_ || words_.size() > kFewWords) return scratch = RunMany(f);
    std::array<Arg, kFewWords + 1> argv;
    std::array<Value, kFewWords> keep;
    argv[0] = Arg(Bytes(command_));
    for (size_t i = 0; i < words_.size(); ++i) {
      if (!PutWord(f, words_[i], keep[i], &argv[i + 1])) return scratch = Value();
    }
    return scratch = Run(f, Args(argv.data(), words_.size() + 1));
  }

 private:
  struct Word {
    FormulaPtr formula;
    Arg arg;
    Value text;
    int key = -1;
    bool fixed = false;
    bool spread = false;
  };

  bool PutWord(Frame& f, const Word& word, Value& keep, Arg* out) const {
    if (word.fixed) {
      *out = word.arg;
      return true;
    }
    if (word.key >= 0) {
      *out = Arg(f.keys[word.key]);
      return true;
    }
    const Value& v = word.formula->Eval(f, keep);
    if (f.failed()) return false;
    if (WordOf(v, keep, out)) return true;
    NoWord(f.cx, command_, v);
    return false;
  }

  Value RunMany(Frame& f) const {
    // Pieces first, words second: a value must not move once an Arg points into it.
    std::vector<Value> values;
    for (const Word& word : words_) {
      Value keep;
      Value v = word.formula->Eval(f, keep);
      if (f.failed()) return Value();
      if (!word.spread) {
        if (!v.is_bytes() && !v.is_number()) return NoWord(f.cx, command_, v);
        values.push_back(std::move(v));
      } else if (v.is_list()) {
        for (const Value& item : v.items()) {
          if (!item.is_bytes() && !item.is_number()) return NoWord(f.cx, command_, item);
          values.push_back(item);
        }
      } else if (v.is_dict()) {
        for (const auto& [key, item] : v.entries()) {
          if (!item.is_bytes() && !item.is_number()) return NoWord(f.cx, command_, item);
          values.emplace_back(key);
          values.push_back(item);
        }
      } else {
        std::string text = "ERR ";
        text.append(command_).append(": Spread needs list or dict, not ").append(KindName(v.kind()));
        return f.cx.Fail(Error(ErrorCode::kErr, text));
      }
    }
    if (values.size() > ir::kMaxWords) {
      return f.cx.Fail(Error(ErrorCode::kErr, "ERR " + command_ + ": too many words"));
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
    return Run(f, argv);
  }

  Value Run(Frame& f, Args argv) const {
    if (discard_) {
      DiscardSink sink;
      Error error = f.caller.Call(argv, sink);
      if (error || sink.error()) return f.cx.Fail(error ? std::move(error) : sink.error());
      return Value();
    }
    ValueSink sink(keep_reals_);
    Error error = f.caller.Call(argv, sink);
    if (error || sink.error()) return f.cx.Fail(error ? std::move(error) : sink.error());
    return adapt_ == Adapt::kRaw ? sink.Take() : AdaptReply(adapt_, sink.Take());
  }

  std::string command_;
  std::vector<Word> words_;
  Adapt adapt_;
  bool keep_reals_;
  bool discard_;
  bool spreads_ = false;
};

}  // namespace

FormulaPtr CompileCall(const ir::Node& node, bool discard) { return std::make_unique<CallFormula>(node, discard); }

}  // namespace dualis::script::native
