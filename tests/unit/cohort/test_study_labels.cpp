// The table that labels studies, and pseudonyms.
#include "cohort_support.hpp"
#include "tagconf/cohort/dicom_tree.hpp"

using namespace tagconf;
using namespace tagconf::cohort;

namespace {

DicomIds ids(const std::string& study, const std::string& accession) {
  return {"", study, "", "", accession};
}

Error failure(const std::filesystem::path& table, const StudyTableOptions& options) {
  try {
    (void)read_study_labels(table, options);
  } catch (const Error& error) {
    return error;
  }
  return Error(ErrorCode::bug, "no error");
}

}  // namespace

TEST_CASE("studies are labelled by UID or accession number") {
  const test::ScratchFolder scratch;
  write_text(scratch / "uid.csv", "StudyInstanceUID,label,split\n1.2,1,train\n1.2,1,train\n1.3,0,test\n");
  const auto by_uid = read_study_labels(scratch / "uid.csv", {});
  CHECK(by_uid.studies.size() == 2);
  CHECK(by_uid.find(ids("1.2", ""))->label == 1);
  CHECK(by_uid.find(ids("1.3", ""))->split == Split::test);
  CHECK(by_uid.find(ids("1.4", "")) == nullptr);

  write_text(scratch / "acc.csv", "acc;finding\n A1 ;broken\nA2;none\nA3;\n");
  StudyTableOptions options;
  options.key = StudyKey::accession;
  options.columns = {{"accession", "acc"}, {"label", "finding"}};
  options.labels = {{"broken", "1"}, {"none", "0"}, {"", ""}};
  const auto by_accession = read_study_labels(scratch / "acc.csv", options);
  CHECK(by_accession.find(ids("", "A1"))->label == 1);
  CHECK(by_accession.find(ids("", "A2"))->label == 0);
  CHECK_FALSE(by_accession.find(ids("", "A3"))->label.has_value());
}

TEST_CASE("a table of labels may write its columns in another case") {
  const test::ScratchFolder scratch;
  write_text(scratch / "t.csv", "studyinstanceuid,Label,Split\n1.2,1,test\n");
  const auto found = read_study_labels(scratch / "t.csv", {});
  CHECK(found.find(ids("1.2", ""))->label == 1);
  CHECK(found.find(ids("1.2", ""))->split == Split::test);
}

TEST_CASE("a table at odds with itself is refused without quoting its cells") {
  const test::ScratchFolder scratch;
  write_text(scratch / "t.csv", "study,label\n1.2,1\n1.2,0\n");
  const Error twice = failure(scratch / "t.csv", {});
  CHECK(twice.message().find("t.csv:3: the study of line 2 again") != std::string::npos);
  CHECK(twice.message().find("1.2,") == std::string::npos);
  write_text(scratch / "t.csv", "study,label\n1.2,Muster Eva\n");
  CHECK(failure(scratch / "t.csv", {}).message().find("Muster") == std::string::npos);
  write_text(scratch / "t.csv", "study,label\n,1\n");
  CHECK(failure(scratch / "t.csv", {}).message().find("no study") != std::string::npos);
  write_text(scratch / "t.csv", "study\n1.2\n");
  CHECK(failure(scratch / "t.csv", {}).message().find("no column 'label'") != std::string::npos);
  write_text(scratch / "t.csv", "key,label\n1.2,1\n");
  CHECK(failure(scratch / "t.csv", {}).message().find("no column 'study'") != std::string::npos);
  StudyTableOptions wrong;
  wrong.columns = {{"patient", "p"}};
  CHECK(failure(scratch / "t.csv", wrong).code() == ErrorCode::config);
}

TEST_CASE("a pseudonym depends on key, kind and id, and is no number") {
  const std::string one = pseudonym("key", "patient", "4711");
  CHECK(one.size() == 25);
  CHECK(one.front() == 'p');
  CHECK(one == pseudonym("key", "patient", "4711"));
  CHECK(one != pseudonym("key2", "patient", "4711"));
  CHECK(one != pseudonym("key", "patient", "4712"));
  CHECK(one.substr(1) != pseudonym("key", "study", "4711").substr(1));
  CHECK(pseudonym("key", "patient", "").empty());
}
