// Reads an HTML page as a browser would, as far as tags and attributes go: for tests that a page is well
// formed and loads nothing.
#pragma once

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace tagconf::test {

struct Tag {
  std::string name;
  std::map<std::string, std::string> attributes;
};

struct PageCheck {
  std::vector<Tag> tags;              // opening tags in order
  std::vector<std::string> problems;  // of nesting and syntax
  std::string text;                   // what lies between tags, style sheets left out
  std::map<std::string, int> ids;
};

inline PageCheck check_page(const std::string& html) {
  static const std::set<std::string> kVoid{"meta", "img", "br", "hr", "input", "link"};
  PageCheck out;
  std::vector<std::string> open;
  std::size_t i = 0;
  const auto problem = [&](const std::string& what) {
    out.problems.push_back(what + " at byte " + std::to_string(i) + ": " + html.substr(i, 60));
  };
  const auto is_space = [](char c) { return c == ' ' || c == '\n' || c == '\t'; };
  while (i < html.size()) {
    if (html[i] != '<') {
      if (html[i] == '>') problem("a bare >");
      out.text += html[i++];
      continue;
    }
    if (html.compare(i, 2, "<!") == 0) {
      i = html.find('>', i) + 1;
      continue;
    }
    const bool closing = html.compare(i, 2, "</") == 0;
    std::size_t at = i + (closing ? 2 : 1);
    Tag tag;
    while (at < html.size() && (std::isalnum(static_cast<unsigned char>(html[at])) != 0))
      tag.name += html[at++];
    if (tag.name.empty()) problem("a bare <");
    while (at < html.size() && html[at] != '>' && html[at] != '/') {
      if (is_space(html[at])) {
        ++at;
        continue;
      }
      std::string name;
      while (at < html.size() && html[at] != '=' && html[at] != '>' && !is_space(html[at]))
        name += html[at++];
      if (at >= html.size() || html[at] != '=' || html[at + 1] != '"') {
        problem("attribute '" + name + "' without a quoted value");
        break;
      }
      const std::size_t end = html.find('"', at + 2);
      if (!tag.attributes.emplace(name, html.substr(at + 2, end - at - 2)).second)
        problem("attribute '" + name + "' twice");
      at = end + 1;
    }
    const bool self_closed = at < html.size() && html[at] == '/';
    if (self_closed) ++at;
    if (at >= html.size() || html[at] != '>') problem("tag '" + tag.name + "' does not end");
    if (closing) {
      if (open.empty() || open.back() != tag.name) {
        problem("</" + tag.name + "> closes " + (open.empty() ? "nothing" : open.back()));
      } else {
        open.pop_back();
      }
    } else {
      if (tag.attributes.count("id") > 0) ++out.ids[tag.attributes.at("id")];
      if (!self_closed && kVoid.count(tag.name) == 0) open.push_back(tag.name);
      out.tags.push_back(tag);
    }
    i = at + 1;
    if (!closing && tag.name == "style") i = html.find("</style>", i);
  }
  if (!open.empty()) out.problems.push_back("never closed: " + open.back());
  for (const auto& [id, count] : out.ids) {
    if (count > 1) out.problems.push_back("id twice: " + id);
  }
  return out;
}

// Everything in the page that would make a browser fetch or run something.
inline std::vector<std::string> loads(const std::string& html) {
  static const std::set<std::string> kForbidden{"script", "link",  "iframe",       "object", "embed",
                                                "audio",  "video", "source",       "form",   "base",
                                                "use",    "image", "foreignObject"};
  std::vector<std::string> out;
  for (const auto& tag : check_page(html).tags) {
    if (kForbidden.count(tag.name) > 0) out.push_back("<" + tag.name + ">");
    for (const auto& [name, value] : tag.attributes) {
      if (name.rfind("on", 0) == 0) out.push_back(name);
      if ((name == "src" || name == "srcset") && value.rfind("data:image/", 0) != 0)
        out.push_back(name + "=" + value);
      if ((name == "href" || name == "xlink:href") && value.rfind('#', 0) != 0)
        out.push_back(name + "=" + value);
      if (name == "style" && value.find("url(") != std::string::npos) out.push_back("style=" + value);
    }
  }
  for (const char* word : {"http:", "https:", "url(", "@import", "@font-face", "javascript:"}) {
    std::string lower = html;
    std::transform(lower.begin(), lower.end(), lower.begin(),
                   [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    if (lower.find(word) != std::string::npos) out.push_back(word);
  }
  return out;
}

}  // namespace tagconf::test
