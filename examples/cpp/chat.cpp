// A member of a Parlor room on the command line, in C++17 with libcurl (7.66 or newer) and nlohmann/json.
//
//   apt-get install g++ libcurl4-openssl-dev nlohmann-json3-dev
//   c++ -std=c++17 -pthread chat.cpp -lcurl -o chat
//   ./chat http://127.0.0.1:3000/lobby --name Ada          # push: holds a stream of Server-Sent Events
//   ./chat http://127.0.0.1:3000/lobby --name Ada --pull   # pull: asks for what is new, again and again
//
// Each line that you type is said. Ctrl+D leaves once all is said, Ctrl+C at once. What the room's log has goes to
// stdout, all else to stderr. Exit code: 0 after leaving, 1 if the server does not let one in or shows one out.
#include <csignal>
#include <curl/curl.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <functional>
#include <iostream>
#include <map>
#include <memory>
#include <mutex>
#include <nlohmann/json.hpp>
#include <random>
#include <stdexcept>
#include <string>
#include <thread>
#include <vector>

using json = nlohmann::json;
using Clock = std::chrono::steady_clock;
using std::string;

// What ends a try: a refusal, a broken connection or silence, an answer that nobody can read (json::exception).
struct Trouble : std::runtime_error {
  using std::runtime_error::runtime_error;
  string code, action = "retry";  // retry, create (a new session) or stop
  double retryAfter = 0;
};

const size_t maxAnswer = 64 << 20;  // What is longer is no answer of a Parlor server.

const int64_t linesKnown = 1000;

// Hours and minutes of milliseconds since 1970, where one is.
string timeOf(int64_t timestamp) {
  const std::time_t at = timestamp / 1000;
  std::tm local{};
  char text[6];
  localtime_r(&at, &local);
  return std::strftime(text, sizeof text, "%H:%M", &local) > 0 ? text : "";
}

double secondsSince(Clock::time_point then) {
  return std::chrono::duration<double>(Clock::now() - then).count();
}

unsigned chance() {
  thread_local std::random_device device;
  return device();
}

// Full jitter, so that not all clients come back at once when a server does.
void rest(int failures, double least = 0) {
  const double most = std::min(30.0, static_cast<double>(1 << std::min(failures, 5)));
  const double atLeast = least > 0 ? std::min(least, 86400.0) : 0;  // What the server asks for may be no number at all.
  std::this_thread::sleep_for(std::chrono::duration<double>(atLeast + most * (chance() / 4294967296.0)));
}

string uuid() {
  char text[37];
  std::snprintf(text, sizeof text, "%08x-%04x-4%03x-%04x-%08x%04x", chance(), chance() & 0xffff,
                chance() & 0xfff, (chance() & 0x3fff) | 0x8000, chance(), chance() & 0xffff);
  return text;
}

string escaped(const string& text) {
  char* found = curl_easy_escape(nullptr, text.c_str(), static_cast<int>(text.size()));
  string result = found;
  curl_free(found);
  return result;
}

// Others' text for a terminal: nothing in it steers the terminal, and no line of it looks like somebody else's.
string shown(const string& text) {
  string result;
  for (size_t at = 0, length; at < text.size(); at += length) {
    const unsigned char first = text[at];
    length = first < 0x80 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
    unsigned point = length == 1 ? first : first & (0x7f >> length);
    for (size_t next = 1; next < length && at + next < text.size(); next++)
      point = point << 6 | (text[at + next] & 0x3f);
    const bool steers = (point < 0x20 && point != '\t') || (point >= 0x7f && point < 0xa0) || point == 0x61c ||
                        point == 0x200e || point == 0x200f || (point >= 0x2028 && point <= 0x202e) ||
                        (point >= 0x2066 && point <= 0x2069);
    char code[16];
    std::snprintf(code, sizeof code, "\\u{%x}", point);
    result += point == '\n' ? "\n  " : steers ? code : text.substr(at, length);
  }
  return result;
}

void note(const string& line) { std::cerr << "-- " + line + "\n" << std::flush; }

// Every thread but the main one works until the process ends; the main one waits for this.
void finish() { kill(getpid(), SIGTERM); }

void tell(const string& line) {
  std::cout << line + "\n" << std::flush;
  if (!std::cout) finish();  // Nobody reads it any more.
}

class Member {
 public:
  std::atomic<int> exitCode{0};
  std::atomic<bool> isLeaving{false};
  string name;

  Member(string origin, const string& room, string name_, bool isPull)
      : name(std::move(name_)), base(origin + "/v1/rooms/" + escaped(room)), pull(isPull) {}

  // Opens a session. A lost answer is asked for again under the same key, so that it is still one session.
  void create() {
    if (createKey.empty()) createKey = uuid();
    const json wish = {{"name", name}, {"delivery", pull ? "pull" : "push"}, {"credential", "bearer"}};
    for (int failures = 1;; failures++) {
      try {
        const json session = ask("POST", "/session", &wish, "", {"Idempotency-Key: " + createKey});
        const std::lock_guard lock(mutex);
        token = session.at("token");
        name = session.at("name");
        isInside = false;
        heartbeat = session.at("heartbeat");
        // A new session goes on where the old one was.
        if (cursor.empty()) cursor = session.at("cursor");
        return;
      } catch (const Trouble& trouble) {
        // The old session may hold the name for a moment.
        const bool isMine = !token.empty() && trouble.code == "name-in-use" && failures < 5;
        if (trouble.action != "retry" && !isMine) throw;
        note(shown(trouble.what()) + " Trying again.");
        rest(failures, trouble.retryAfter);
      } catch (const json::exception&) {
        note("That is no answer of a Parlor server. Trying again.");
        rest(failures);
      }
    }
  }

  // 204 and 410 both say that the leave is certain. Whoever cannot wait goes: the session expires.
  void leave() {
    std::unique_lock lock(mutex);
    const string bearer = token;
    lock.unlock();
    for (int failures = 0; failures < 3 && !bearer.empty(); rest(failures++)) {
      try {
        ask("DELETE", "/session", nullptr, bearer, {}, 5);
        return;
      } catch (const Trouble& trouble) {
        if (trouble.action != "retry") return;
      }
    }
  }

  string users() {
    string list;
    const json answer = ask("GET", "/session/users", nullptr, token);
    for (const auto& user : answer.at("users"))
      list += (list.empty() ? "" : ", ") + shown(user);
    return list.empty() ? "nobody yet" : list;
  }

  // Hears the room until the stay is over, and goes on by cursor after every break.
  void follow() {
    for (int failures = 0;;) {
      hasHeard = false;
      string action = "retry", why;
      double least = 0;
      try {
        const json bye = pull ? poll() : stream();
        action = bye.at("action");
        why = "The stream ended (" + string(bye.at("reason")) + "). " + bye.value("detail", "");
      } catch (const Trouble& trouble) {
        action = trouble.action;
        why = trouble.what();
        least = trouble.retryAfter;
      } catch (const json::exception&) {
        why = "That is no answer of a Parlor server.";
      }
      failures = hasHeard ? 0 : failures + 1;
      if (action == "stop") return end("You are out of the room. " + why);
      if (isLeaving) return;
      note(shown(why) + " Trying again.");
      rest(failures, least > 0 ? least : retry);
      if (action != "create") continue;
      try {
        create();
      } catch (const Trouble& trouble) {
        return end(trouble.what());
      }
    }
  }

  // Says what is typed, one line after the other, and leaves at the end.
  void speak() {
    int64_t lastId = 0;
    for (string line; std::getline(std::cin, line);) {
      if (line.find_first_not_of(" \t\r") != string::npos) lastId = std::max(lastId, say(line));
    }
    std::unique_lock lock(mutex);
    changed.wait_for(lock, std::chrono::seconds(5), [&] { return heardId >= lastId; });
    finish();
  }

  void end(const string& why) {
    if (isLeaving) return;
    note(shown(why));
    exitCode = 1;
    finish();
  }

 private:
  const string base;
  const bool pull;
  string token, cursor, createKey, pendingKey;
  double heartbeat = 15, retry = 0;
  int64_t heardId = 0;
  std::map<int64_t, string> told;  // Who has said what was told last, and when.
  int gaps = 0;
  bool hasHeard = false, isPendingSaid = false;
  // One's own join was heard: all that was said before under an old session is heard, too.
  bool isInside = false;
  std::mutex mutex;
  std::condition_variable changed;

  struct Reading {
    CURL* handle;
    string body;
    std::function<void(const char*, size_t)> take;  // of a stream
    double silence = 0;                             // after how many seconds without a byte it is dead
    Clock::time_point heardAt = Clock::now();
    std::exception_ptr thrown = nullptr;
  };

  // One request; what `take` does not get is the answer.
  json ask(const char* method, const string& path, const json* body, const string& bearer,
           std::vector<string> headers = {}, long timeout = 15,
           std::function<void(const char*, size_t)> take = nullptr, double silence = 0) {
    const std::unique_ptr<CURL, decltype(&curl_easy_cleanup)> owner(curl_easy_init(), curl_easy_cleanup);
    CURL* handle = owner.get();
    Reading reading{handle, "", std::move(take), silence};
    // Text from a terminal may be anything; the server takes UTF-8.
    const string content = body ? body->dump(-1, ' ', false, json::error_handler_t::replace) : "";
    if (body) headers.push_back("Content-Type: application/json");
    if (!bearer.empty()) headers.push_back("Authorization: Bearer " + bearer);
    curl_slist* list = nullptr;
    for (const auto& header : headers) list = curl_slist_append(list, header.c_str());
    const string url = base + path;
    curl_easy_setopt(handle, CURLOPT_URL, url.c_str());
    curl_easy_setopt(handle, CURLOPT_CUSTOMREQUEST, method);
    curl_easy_setopt(handle, CURLOPT_HTTPHEADER, list);
    curl_easy_setopt(handle, CURLOPT_NOSIGNAL, 1L);
    curl_easy_setopt(handle, CURLOPT_CONNECTTIMEOUT, 10L);
    curl_easy_setopt(handle, CURLOPT_TIMEOUT, timeout);
    if (body) curl_easy_setopt(handle, CURLOPT_POSTFIELDS, content.c_str());
    curl_easy_setopt(handle, CURLOPT_WRITEDATA, &reading);
    curl_easy_setopt(handle, CURLOPT_WRITEFUNCTION, +[](char* bytes, size_t, size_t count, void* data) {
      auto& into = *static_cast<Reading*>(data);
      into.heardAt = Clock::now();
      long status = 0;
      curl_easy_getinfo(into.handle, CURLINFO_RESPONSE_CODE, &status);
      try {
        if (into.take && status == 200) into.take(bytes, count);
        else into.body.append(bytes, count);
        return into.body.size() > maxAnswer ? size_t{0} : count;
      } catch (...) {  // Must not fly through libcurl.
        into.thrown = std::current_exception();
        return size_t{0};
      }
    });
    // libcurl asks once a second; its own limit of speed would not see that a heartbeat is something.
    curl_easy_setopt(handle, CURLOPT_NOPROGRESS, 0L);
    curl_easy_setopt(handle, CURLOPT_XFERINFODATA, &reading);
    curl_easy_setopt(handle, CURLOPT_XFERINFOFUNCTION, +[](void* data, curl_off_t, curl_off_t, curl_off_t, curl_off_t) {
      const auto& of = *static_cast<Reading*>(data);
      return of.silence > 0 && secondsSince(of.heardAt) > of.silence ? 1 : 0;
    });
    const CURLcode code = curl_easy_perform(handle);
    curl_slist_free_all(list);
    if (reading.thrown) std::rethrow_exception(reading.thrown);
    long status = 0;
    curl_off_t after = 0;
    curl_easy_getinfo(handle, CURLINFO_RESPONSE_CODE, &status);
    curl_easy_getinfo(handle, CURLINFO_RETRY_AFTER, &after);
    if (code != CURLE_OK) throw Trouble(string(curl_easy_strerror(code)) + ".");
    const json answer = json::parse(reading.body, nullptr, false);
    if (status >= 200 && status < 300) return answer;

    // A proxy answers with a page.
    const auto told = [&](const char* member, const string& otherwise) {
      const bool isTold = answer.is_object() && answer.contains(member) && answer[member].is_string();
      return isTold ? answer[member].get<string>() : otherwise;
    };
    Trouble trouble(told("detail", "The server answers " + std::to_string(status) + "."));
    trouble.code = told("code", "");
    trouble.retryAfter = static_cast<double>(after);
    if (status == 401 || status == 410) trouble.action = told("action", "create");
    else if (status != 408 && status != 429 && status < 500 && trouble.code != "not-joined") trouble.action = "stop";
    throw trouble;
  }

  json poll() {
    for (;;) {
      const auto askedAt = Clock::now();
      const json page = ask("GET", "/session/updates?wait=25&after=" + escaped(cursor), nullptr, token, {}, 40);
      if (page.contains("lost")) tellGap(page);
      for (const auto& event : page.at("events")) hear(event);
      cursor = page.at("cursor");
      hasHeard = true;
      createKey.clear();
      // A server that is stopping answers early and empty.
      if (page.at("events").empty() && secondsSince(askedAt) < 1) rest(0, 1);
    }
  }

  // Reads one stream to its end, and returns why it ended.
  json stream() {
    string rest, kind, id, data;
    json bye = {{"action", "reconnect"}, {"reason", "cut off"}};
    auto pingedAt = Clock::now();
    auto takeLine = [&](const string& line) {
      const auto colon = line.find(':');
      const string field = line.substr(0, colon);
      string value = colon == string::npos ? "" : line.substr(colon + 1);
      if (!value.empty() && value[0] == ' ') value.erase(0, 1);
      if (field == "event") kind = value;
      else if (field == "id") id = value;
      else if (field == "data") data += value + "\n";
      else if (field == "retry") retry = std::strtod(value.c_str(), nullptr) / 1000;
      else if (!line.empty() && field.empty()) hasHeard = true;
      if (!line.empty()) return;
      const json told = data.empty() ? json::object() : json::parse(data);
      if (kind == "bye") bye = told;
      else if (kind == "init") tellGap(told);
      else if (kind == "status") note("The server's store is " + shown(told.at("store")) + ".");
      else if (told.contains("id")) hear(told);
      if (!id.empty()) {
        cursor = id;
        hasHeard = true;
        createKey.clear();
      }
      kind = id = data = "";
    };
    auto take = [&](const char* bytes, size_t count) {
      rest.append(bytes, count);
      size_t from = 0;
      for (size_t end; (end = rest.find('\n', from)) != string::npos; from = end + 1)
        takeLine(rest.substr(from, end - from));
      rest.erase(0, from);
      if (rest.size() + data.size() > maxAnswer) throw Trouble("That is no stream.");
      // Bytes that arrive are answered now and then: the server learns that one is still there.
      if (secondsSince(pingedAt) < heartbeat) return;
      pingedAt = Clock::now();
      try {
        ask("POST", "/session/ping", nullptr, token, {}, 5);
      } catch (const Trouble&) {
      }
    };
    // Nothing for 2.5 heartbeats: the stream is dead, whatever TCP believes.
    ask("GET", "/session/events?liveness=ping&after=" + escaped(cursor), nullptr, token,
        {"Accept: text/event-stream"}, 0, take, 2.5 * heartbeat);
    return bye;
  }

  void tellGap(const json& page) {
    const json& lost = page.at("lost");
    if (!lost.is_number()) told.clear();  // Ids may begin anew.
    if (lost != 0) tell("* " + (lost.is_number() ? lost.dump() : "Some") + " events are lost.");
    const std::lock_guard lock(mutex);
    gaps += lost != 0;
    const auto& users = page.at("users");
    isInside = std::find(users.begin(), users.end(), name) != users.end();
    changed.notify_all();
  }

  void hear(const json& event) {
    const string kind = event.at("type"), who = event.value("name", "");
    const int64_t id = event.at("id");
    if (kind == "message" || kind == "announcement") {
      const string text = event.value("redacted", false) ? "(removed)" : shown(event.at("message"));
      tell((kind == "message" ? "<" + shown(who) + "> " : "*** ") + text);
      told[id] = (kind == "message" ? shown(who) : "the announcement") + ", " + timeOf(event.at("timestamp"));
    } else if (kind == "redaction") {  // What is in the terminal cannot be taken back.
      const auto found = told.find(event.at("target"));
      tell("* Removed: " + (found == told.end() ? "a message from before" : found->second) + ".");
    } else if (kind == "join" || kind == "leave")
      tell("* " + shown(who) + " has " + (kind == "join" ? "joined." : "left."));
    told.erase(id - linesKnown);
    const std::lock_guard lock(mutex);
    heardId = id;  // Also of a type that is not known here.
    if (who == name) {
      isInside = isInside || kind == "join";
      isPendingSaid = isPendingSaid || event.value("key", "") == pendingKey;
    }
    changed.notify_all();
  }

  // Says a text once: its key stays the same for every try. Returns its id, as far as it is known.
  int64_t say(const string& text) {
    std::unique_lock lock(mutex);
    const string key = pendingKey = uuid();
    isPendingSaid = false;
    string doubtToken;
    int doubtGaps = 0;
    for (int failures = 0;;) {
      changed.wait(lock, [&] { return isInside; });
      const string bearer = token;
      const int gapsBefore = gaps;
      // Keys belong to a session: under a new one, the log tells whether it was said.
      if (isPendingSaid) return 0;
      if (!doubtToken.empty() && token != doubtToken && gaps != doubtGaps) {
        note("Maybe this was said, maybe not: " + shown(text));
        return 0;
      }
      double least = 0;
      lock.unlock();
      try {
        const json wish = {{"message", text}, {"key", key}};
        return ask("POST", "/session/messages", &wish, bearer).at("id");
      } catch (const Trouble& trouble) {
        if (trouble.code != "session-gone" && trouble.action == "stop") {
          note(string("Not said: ") + shown(trouble.what()));
          return 0;
        }
        least = trouble.retryAfter;
        lock.lock();
        // `follow` sees to a new session, or to the end.
        if (trouble.action != "retry") {
          isInside = isInside && bearer != token;
          continue;
        }
        lock.unlock();
      } catch (const json::exception&) {
      }
      if (doubtToken.empty()) doubtToken = bearer, doubtGaps = gapsBefore;
      rest(++failures, least);
      lock.lock();
    }
  }
};

int main(int count, char** values) {
  string url, name = std::getenv("USER") ? std::getenv("USER") : "Guest", room;
  bool isPull = false;
  for (int at = 1; at < count; at++) {
    const string value = values[at];
    if (value == "--pull") isPull = true;
    else if (value == "--name" && at + 1 < count) name = values[++at];
    else if (value == "--room" && at + 1 < count) room = values[++at];
    else if (url.empty() && value[0] != '-') url = value;
    else url = "?";
  }
  const auto host = url.find("://");
  if (url.rfind("http://", 0) != 0 && url.rfind("https://", 0) != 0) {
    std::cerr << "Usage: chat URL [--name N] [--room R] [--pull], e.g. chat http://127.0.0.1:3000/lobby\n";
    return 2;
  }
  const string origin = url.substr(0, url.find('/', host + 3));
  const string path = url.substr(origin.size());
  const auto from = path.find_first_not_of('/');
  if (room.empty()) room = from == string::npos ? "lobby" : path.substr(from, path.find('/', from) - from);

  // All threads inherit this, so that Ctrl+C comes where it is waited for.
  sigset_t signals;
  sigemptyset(&signals);
  sigaddset(&signals, SIGINT);
  sigaddset(&signals, SIGTERM);
  pthread_sigmask(SIG_BLOCK, &signals, nullptr);
  std::signal(SIGPIPE, SIG_IGN);
  curl_global_init(CURL_GLOBAL_DEFAULT);

  Member member(origin, room, name, isPull);
  std::thread([&] {
    try {
      member.create();
    } catch (const std::exception& trouble) {
      return member.end(trouble.what());
    }
    try {
      const string users = member.users();
      note("You are " + shown(member.name) + ". Here: " + users + ".");
    } catch (const std::exception&) {
      // Whoever follows hears who comes and goes.
    }
    std::thread(&Member::speak, &member).detach();
    member.follow();
  }).detach();
  int caught;
  sigwait(&signals, &caught);
  member.isLeaving = true;
  pthread_sigmask(SIG_UNBLOCK, &signals, nullptr);  // A second Ctrl+C ends it at once.
  member.leave();
  std::_Exit(member.exitCode);  // The threads work to the last.
}
