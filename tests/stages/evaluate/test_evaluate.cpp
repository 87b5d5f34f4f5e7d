// The evaluate stage: names, joins, ensembles, subsets, thresholds, refusals.
#include <cmath>
#include <sstream>

#include "small_cohort.hpp"

namespace tagconf::test {

TEST_CASE("two arms: units, subsets, parts, the primary comparison and the summary") {
  const auto original = cohort(1, 1.0);
  const auto covered = cohort(2, 1.5);
  EvaluateRun run;
  run.predictions = {{"original", csv(original, "test")}, {"covered", csv(covered, "test")}};
  const auto out = run.run();
  CHECK(out.results.at("schema") == "tagconf.evaluate/1");
  CHECK(out.results.at("split") == "test");
  CHECK(out.results.at("cluster") == "patient_id");
  REQUIRE(out.results.at("units").size() == 4);
  const Json& images = unit_of(out.results, "image", "all");
  CHECK(images.at("n") == 80);
  CHECK(images.at("n_tagged") == 28);
  CHECK(images.at("n_untagged") == 52);
  CHECK(unit_of(out.results, "study", "all").at("n") == 40);
  CHECK(unit_of(out.results, "study", "tagged").at("n") == 14);
  CHECK(unit_of(out.results, "image", "tagged").at("n") == 28);
  CHECK(model_of(images, "original").at("auc").get<double>() ==
        Approx(auc_by_pairs(logits(original), original)).epsilon(1e-14));
  CHECK(model_of(images, "original").at("score") == "logit");
  CHECK(model_of(images, "original").at("clusters") == 20);
  REQUIRE(images.at("comparisons").size() == 1);
  const Json& c = images.at("comparisons").at(0);
  CHECK(c.at("a") == "covered");
  CHECK(c.at("b") == "original");
  CHECK(c.at("primary") == true);
  CHECK(c.at("difference").get<double>() == Approx(model_of(images, "covered").at("auc").get<double>() -
                                                   model_of(images, "original").at("auc").get<double>()));
  CHECK(c.at("p_holm") == c.at("delong").at("p"));
  // Two models: the global test is the square of the paired one.
  CHECK(images.at("global").at("chi2").get<double>() ==
        Approx(std::pow(c.at("delong").at("z").get<double>(), 2)));
  CHECK(images.at("global").at("p").get<double>() == Approx(c.at("delong").at("p").get<double>()));

  REQUIRE(images.at("by_body_part").size() == 2);
  const Json& elbow = images.at("by_body_part").at(0);
  CHECK(elbow.at("body_part") == "ELBOW");
  CHECK(elbow.at("n") == 40);
  std::vector<Row> elbows;
  for (const Row& r : original) {
    if (r.body_part == "ELBOW") elbows.push_back(r);
  }
  CHECK(model_of(elbow, "original").at("auc").get<double>() == Approx(auc_by_pairs(logits(elbows), elbows)));
  CHECK(elbow.at("comparisons").at(0).at("a") == "covered");

  CHECK(out.summary.at("models").size() == 4);
  CHECK(out.summary.at("primary").at("unit") == "image");
  CHECK(out.summary.at("primary").at("p_clustered") == c.at("clustered").at("p"));
  const std::string text = out.summary.at("text");
  CHECK(holds(text, "Image level: 80 images"));
  CHECK(holds(text, "Study level, tagged only: 14 of 40 studies"));
  CHECK(holds(text, "covered - original (primary)"));
  CHECK_FALSE(holds(text, "nan"));
}

TEST_CASE("files may be in any row order, and threads do not change a byte") {
  auto a = cohort(1, 1.0);
  auto b = cohort(2, 1.5);
  EvaluateRun run;
  run.predictions = {{"a", csv(a)}, {"b", csv(b)}};
  run.options["threads"] = 1;
  const auto straight = run.run();
  Rng rng(5, "shuffle");
  rng.shuffle(b);
  run.predictions[1].second = csv(b);
  run.options["threads"] = 2;
  const auto shuffled = run.run();
  CHECK(straight.results_text == shuffled.results_text);
  CHECK(straight.roc == shuffled.roc);
}

TEST_CASE("seeds become an ensemble by mean probability") {
  const auto s1 = cohort(1, 1.0);
  const auto s2 = cohort(2, 1.0);
  const auto other1 = cohort(3, 1.2);
  const auto other2 = cohort(4, 1.2);
  EvaluateRun run;
  run.options = {{"bootstrap", 0}};
  run.predictions = {{"original.s2", csv(s2)},
                     {"original.s1", csv(s1)},
                     {"covered.s1", csv(other1)},
                     {"covered.s2", csv(other2)}};
  const Json results = run.run().results;
  const Json& images = unit_of(results, "image", "all");
  REQUIRE(images.at("models").size() == 2);
  const Json& original = model_of(images, "original");
  std::vector<double> mean;
  for (std::size_t i = 0; i < s1.size(); ++i)
    mean.push_back((sigmoid(s1[i].logit) + sigmoid(s2[i].logit)) / 2.0);
  CHECK(original.at("auc").get<double>() == Approx(auc_by_pairs(mean, s1)).epsilon(1e-14));
  CHECK(original.at("seed").is_null());
  CHECK(original.at("score") == "probability");
  const Json& seeds = images.at("seeds");
  REQUIRE(seeds.size() == 3);
  CHECK(seeds.at(0).at("model") == "original");
  CHECK(seeds.at(0).at("values").at(0).at("seed") == 1);
  CHECK(seeds.at(0).at("values").at(0).at("auc").get<double>() == Approx(auc_by_pairs(logits(s1), s1)));
  CHECK(seeds.at(2).at("a") == "covered");
  CHECK(seeds.at(2).at("values").at(1).at("difference").get<double>() ==
        Approx(auc_by_pairs(logits(other2), other2) - auc_by_pairs(logits(s2), s2)));
  const double d0 = seeds.at(0).at("values").at(0).at("auc");
  const double d1 = seeds.at(0).at("values").at(1).at("auc");
  CHECK(seeds.at(0).at("sd").get<double>() == Approx(std::abs(d0 - d1) / std::sqrt(2.0)));

  run.predictions.resize(2);
  run.predictions.erase(run.predictions.begin());
  const Json single = run.run().results;
  const Json& alone = unit_of(single, "image", "all");
  CHECK(model_of(alone, "original").at("auc").get<double>() == Approx(auc_by_pairs(logits(s1), s1)));
  CHECK(alone.at("seeds").at(0).at("not_estimable").at("spread") == "one_seed");
  CHECK(alone.at("seeds").at(0).at("two_way").is_null());
  CHECK(alone.at("seeds").at(0).at("not_estimable").at("two_way") == "one_seed");
}

TEST_CASE("cells of the train and test matrix are compared with both of their diagonal cells") {
  EvaluateRun run;
  run.options = {{"bootstrap", 0}, {"unit", {"image"}}, {"by_tag", false}};
  for (const std::string name : {"original", "covered", "tags_only", "original@covered", "covered@original"})
    run.predictions.emplace_back(name, csv(cohort(run.predictions.size(), 1.0)));
  const Json results = run.run().results;
  const Json& images = unit_of(results, "image", "all");
  CHECK(model_of(images, "original@covered").at("train_arm") == "original");
  CHECK(model_of(images, "original@covered").at("test_arm") == "covered");
  std::string pairs;
  for (const Json& c : images.at("comparisons")) {
    pairs += c.at("a").get<std::string>() + "-" + c.at("b").get<std::string>() + ":" +
             c.at("family").get<std::string>() + " ";
  }
  CHECK(
      pairs ==
      "covered-original:arms tags_only-original:arms tags_only-covered:arms original@covered-original:matrix "
      "original@covered-covered:matrix_test_arm covered@original-covered:matrix "
      "covered@original-original:matrix_test_arm ");
  // A cell against the model of its test arm: the same images, so the pair is as tight as that of two models.
  const Json& cell = images.at("comparisons").at(4);
  CHECK(cell.at("difference").get<double>() ==
        Approx(model_of(images, "original@covered").at("auc").get<double>() -
               model_of(images, "covered").at("auc").get<double>()));
  CHECK(cell.at("clustered").at("p").is_number());
  CHECK(cell.at("p_holm_clustered").get<double>() >= cell.at("clustered").at("p").get<double>());
  CHECK(images.at("global").at("df") == 2);

  run.options["reference"] = "tags_only";
  const Json turned = run.run().results;
  const Json& comparisons = unit_of(turned, "image", "all").at("comparisons");
  CHECK(comparisons.at(1).at("a") == "original");
  CHECK(comparisons.at(1).at("b") == "tags_only");
  CHECK(comparisons.at(1).at("difference").get<double>() ==
        -images.at("comparisons").at(1).at("difference").get<double>());
  run.options["reference"] = "nobody";
  CHECK(holds(message_of(run, ErrorCode::config), "no model is named 'nobody'"));
}

TEST_CASE("covered minus original is primary whatever the input order") {
  EvaluateRun run;
  run.options = {{"bootstrap", 0}, {"unit", {"image"}}};
  run.predictions = {{"covered", csv(cohort(2, 1.5))}, {"original", csv(cohort(1, 1.0))}};
  const Json results = run.run().results;
  const Json& c = unit_of(results, "image", "all").at("comparisons").at(0);
  CHECK(c.at("a") == "covered");
  CHECK(c.at("primary") == true);
}

TEST_CASE("a threshold from validation data is applied to the test data and not called optimistic") {
  EvaluateRun run;
  run.options = {{"bootstrap", 0}, {"unit", {"image"}}, {"by_tag", false}};
  const auto rows = cohort(1, 1.0);
  run.predictions = {{"a", csv(rows, "test")}};
  run.valid = {
      {"a", "image_id,label,logit,probability\nv1,0,-1,0.3\nv2,1,0.25,0.6\nv3,1,2,0.9\nv4,0,0.1,0.5\n"}};
  const Json results = run.run().results;
  const Json& points = model_of(unit_of(results, "image", "all"), "a").at("operating_points");
  REQUIRE(points.size() == 7);
  CHECK(points.at(0).at("rule") == "probability>=0.5");
  CHECK(points.at(0).at("chosen_on").is_null());
  for (int i = 1; i < 7; ++i) {
    CHECK(points.at(i).at("chosen_on") == (i < 4 ? "test" : "valid"));
    CHECK(points.at(i).at("optimistic") == (i < 4));
    CHECK(points.at(i).at("score") == "logit");
  }
  CHECK(points.at(4).at("rule") == "youden");
  CHECK(points.at(4).at("threshold") == 0.25);
  int tp = 0;
  for (const Row& r : rows) tp += r.label == 1 && r.logit >= 0.25 ? 1 : 0;
  CHECK(points.at(4).at("tp") == tp);
  CHECK(points.at(5).at("rule") == "sensitivity>=0.9");
  CHECK(points.at(2).at("sensitivity").get<double>() >= 0.9);
  CHECK(points.at(3).at("specificity").get<double>() >= 0.9);

  run.valid = {{"b", run.valid.front().second}};
  CHECK(holds(message_of(run), "validation predictions of 'b', but no model has that name"));
  run.valid = {{"", run.valid.front().second}};
  const Json unnamed = run.run().results;
  CHECK(model_of(unit_of(unnamed, "image", "all"), "a").at("operating_points").at(4).at("threshold") == 0.25);
  run.valid = {{"a", csv(rows, "test")}};
  CHECK(holds(message_of(run), "thresholds must not see the test set"));
  run.valid = {{"a", csv(rows, "valid")}};
  const Json same = run.run().results;
  CHECK(model_of(unit_of(same, "image", "all"), "a").at("operating_points").at(4).at("optimistic") == true);
  run.valid = {{"a", "image_id,label,logit,probability\nv1,1,1,0.3\nv2,1,2,0.6\n"}};
  const Json none = run.run().results;
  const Json& point = model_of(unit_of(none, "image", "all"), "a").at("operating_points").at(4);
  CHECK(point.at("threshold").is_null());
  CHECK(point.at("sensitivity").is_null());
  CHECK(point.at("not_estimable").at("threshold") == "one_class");
  run.valid = {{"a", "image_id,label,probability\nv1,0,0.3\nv2,1,0.6\n"}};
  CHECK(holds(message_of(run), "ranks by logit but its validation predictions by probability"));

  // At study level they must tell studies that fit, by file and line.
  run.options["unit"] = {"study"};
  CHECK(holds(message_of(run), "threshold_from-a.csv: no column study_id for unit study"));
  run.valid = {{"a", "image_id,study_id,label,logit,probability\nv1,s,0,1,0.3\nv2,s,1,2,0.6\n"}};
  CHECK(holds(message_of(run),
              "threshold_from-a.csv:3: model a row 1 (0-based): study s has images with label 0"));
}

TEST_CASE("a split used for selection is refused, or the result called optimistic") {
  EvaluateRun run;
  run.options = {{"bootstrap", 0}};
  run.predictions = {{"a", csv(cohort(1, 1.0), "valid")}};
  const std::string message = message_of(run);
  CHECK(holds(message, "reason=selection_split"));
  CHECK(holds(message, "row 0 (0-based)"));
  run.options["allow_selection_split"] = true;
  const auto out = run.run();
  CHECK(out.results.at("optimistic") == true);
  CHECK(out.results.at("split") == "valid");
  CHECK(holds(out.summary.at("text"), "optimistic"));
}

TEST_CASE("files that do not describe the same images are refused, naming the first difference") {
  const auto rows = cohort(1, 1.0);
  EvaluateRun run;
  const auto with = [&](auto change) {
    auto other = cohort(2, 1.0);
    change(other);
    run.predictions = {{"a", csv(rows)}, {"b", csv(other)}};
    return message_of(run);
  };
  const std::string label = with([](auto& r) { r[7].label = 1 - r[7].label; });
  CHECK(holds(label, "reason=label_mismatch"));
  CHECK(holds(label, "predictions-b.csv:9: model b row 7 (0-based)"));
  CHECK(holds(label, "image7"));
  CHECK(holds(with([](auto& r) { r[3].study_id = "other"; }), "reason=study_mismatch"));
  CHECK(holds(with([](auto& r) { r[3].patient_id = "other"; }), "reason=patient_mismatch"));
  CHECK(holds(with([](auto& r) { r[3].body_part = "HAND"; }), "reason=body_part_mismatch"));
  CHECK(holds(with([](auto& r) { r[3].tagged = !r[3].tagged; }), "reason=tagged_mismatch"));
  const std::string id = with([](auto& r) { r[3].image_id = "stranger"; });
  CHECK(holds(id, "reason=id_mismatch"));
  CHECK(holds(id, "image3"));
  CHECK(holds(with([](auto& r) { r.pop_back(); }), "reason=length_mismatch"));
  CHECK(holds(with([](auto& r) { r[3].image_id = "image4"; }), "stands also in line"));
  run.predictions = {{"a", csv(rows)}, {"a", csv(rows)}};
  CHECK(holds(message_of(run), "both predictions of model a"));
}

TEST_CASE("bad cells are refused with file, line, model, row and column") {
  EvaluateRun run;
  const auto with = [&](const std::string& text) {
    run.predictions = {{"m", text}};
    return message_of(run);
  };
  const std::string nan = with("image_id,label,logit\na,0,1\nb,1,nan\n");
  CHECK(holds(nan, "predictions-m.csv:3: model m row 1 (0-based): logit is NaN"));
  CHECK(holds(nan, "reason=nan_score"));
  CHECK(holds(with("image_id,label,logit\na,0,1\nb,1,1x\n"), "logit is '1x'"));
  CHECK(holds(with("image_id,label,logit\na,0,1\nb,,1\n"), "reason=label_not_binary"));
  CHECK(holds(with("image_id,label,logit\na,0,1\nb,1,\n"), "reason=length_mismatch"));
  CHECK(holds(with("image_id,label,logit\n"), "reason=empty"));
  CHECK(holds(with("image_id,label,logit\na,1,1\nb,1,2\n"), "no observation of class 0 among 2 rows"));
  CHECK(holds(with("image_id,label\na,1\nb,0\n"), "neither a column 'logit' nor 'probability'"));
  CHECK(holds(with("image_id,logit\na,1\nb,0\n"), "no column 'label'"));
  CHECK(holds(with("image_id,label,logit,tagged\na,1,1,yes\nb,0,1,no\n"), "tagged is 'yes'"));
  CHECK(holds(with("image_id,label,logit,patient_id\na,1,1,p\nb,0,1,\n"),
              "clusters has 1 entries for 2 labels"));
  CHECK(holds(with("image_id,label,logit,study_id\na,1,1,p\nb,0,1,\n"), "study_id is empty"));
}

TEST_CASE("other column names, no patients, no probabilities") {
  EvaluateRun run;
  run.options = {{"columns", {{"image_id", "file"}, {"logit", "score"}}}};
  run.predictions = {{"m", "file,label,score\na,0,-1\nb,1,inf\nc,0,0.5\nd,1,0.5\n"}};
  const Json results = run.run().results;
  CHECK(results.at("cluster").is_null());
  CHECK(results.at("split").is_null());
  REQUIRE(results.at("units").size() == 1);
  const Json& m = results.at("units").at(0).at("models").at(0);
  CHECK(m.at("auc") == 0.875);
  CHECK_FALSE(m.contains("clustered"));
  CHECK(m.at("not_estimable").at("calibration") == "scores_not_probabilities");
  CHECK(m.at("operating_points").at(0).at("rule") == "logit>=0");
  CHECK(m.at("bootstrap").at("resampling") == "observation_stratified");
  run.options = {{"columns", {{"picture", "file"}}}};
  CHECK(holds(message_of(run, ErrorCode::config), "'picture' is no column of a prediction table"));
}

TEST_CASE("a body part with one class is not estimable, not an error") {
  EvaluateRun run;
  run.options = {{"bootstrap", 0}};
  run.predictions = {
      {"m", "image_id,label,logit,body_part\na,0,1,HAND\nb,1,2,HAND\nc,0,1,WRIST\nd,0,3,WRIST\n"},
      {"k", "image_id,label,logit,body_part\na,0,1,HAND\nb,1,2,HAND\nc,0,1,WRIST\nd,0,3,WRIST\n"}};
  const Json results = run.run().results;
  const Json& wrist = results.at("units").at(0).at("by_body_part").at(1);
  CHECK(wrist.at("body_part") == "WRIST");
  CHECK(wrist.at("models").at(0).at("auc").is_null());
  CHECK(wrist.at("models").at(0).at("state") == "not_estimable");
  CHECK(wrist.at("models").at(0).at("not_estimable").at("auc") == "one_class");
  CHECK(wrist.at("comparisons").at(0).at("state") == "not_estimable");
  CHECK(wrist.at("comparisons").at(0).at("not_estimable").at("difference") == "one_class");
}

TEST_CASE("the score that ranks can be asked for, and is then what seeds and studies average") {
  const std::string head = "image_id,study_id,label,logit,probability,rating\n";
  // By logit the AUC is 1, by probability 0.5 (all tie), by rating 0.25.
  const std::string rows = "a,s1,1,3,0.5,1\nb,s2,1,2,0.5,5\nc,s3,0,1,0.5,7\nd,s4,0,0,0.5,2\n";
  EvaluateRun run;
  run.predictions = {{"m", head + rows}};
  const auto auc = [&](const std::string& unit) {
    const Json results = run.run().results;
    return model_of(unit_of(results, unit, "all"), "m").at("auc").get<double>();
  };
  run.options = {{"bootstrap", 0}};
  CHECK(auc("image") == 1.0);
  CHECK(auc("study") == 0.5);
  run.options["score"] = "probability";
  CHECK(auc("image") == 0.5);
  run.options["score"] = "logit";
  CHECK(auc("study") == 1.0);
  run.options["score"] = "rating";
  CHECK(auc("image") == 0.25);
  CHECK(auc("study") == 0.25);
  CHECK(model_of(unit_of(run.run().results, "image", "all"), "m").at("score") == "rating");
  run.predictions = {{"m.s1", head + rows}, {"m.s2", head + rows}};
  CHECK(auc("image") == 0.25);
  run.options["score"] = "grade";
  const std::string message = message_of(run);
  CHECK(holds(message, "has no column 'grade' with numbers in it"));
  run.options["score"] = "rating";
  run.predictions = {{"m", head + "a,s1,1,3,0.5,1\nb,s2,0,2,0.5,nan\n"}};
  CHECK(holds(message_of(run), "predictions-m.csv:3: model m row 1 (0-based): rating is NaN"));
  run.predictions = {{"m", "image_id,label,rating\na,1,1\nb,0,0\n"}};
  const Json bare = run.run().results;
  CHECK(model_of(unit_of(bare, "image", "all"), "m").at("operating_points").at(0).at("rule") == "youden");
}

TEST_CASE("scores are the decimal text, to the last digit") {
  EvaluateRun run;
  run.options = {{"bootstrap", 0}};
  // 0.1 + 0.2 is one unit above 0.3 in the last place; 0.30000000000000000001 is 0.3.
  run.predictions = {{"m", "image_id,label,logit\na,1,0.30000000000000004\nb,0,0.3\n"},
                     {"k", "image_id,label,logit\na,1,0.30000000000000000001\nb,0,0.3\n"}};
  const Json results = run.run().results;
  CHECK(model_of(unit_of(results, "image", "all"), "m").at("auc") == 1.0);
  CHECK(model_of(unit_of(results, "image", "all"), "k").at("auc") == 0.5);
}

TEST_CASE("any column can make the parts, or none") {
  auto rows = cohort(1, 1.0);
  EvaluateRun run;
  run.options = {{"bootstrap", 0}, {"unit", {"image"}}, {"by", "study_id"}};
  std::string text = "image_id,label,logit,site,body_part\n";
  for (std::size_t i = 0; i < rows.size(); ++i) {
    text += rows[i].image_id + "," + std::to_string(rows[i].label) + "," + format_number(rows[i].logit) +
            "," + (i % 2 == 0 ? "north" : "south") + ",HAND\n";
  }
  run.predictions = {{"m", text}};
  run.options["by"] = "site";
  const Json results = run.run().results;
  CHECK(results.at("by") == "site");
  const Json& unit = unit_of(results, "image", "all");
  REQUIRE(unit.at("by_body_part").size() == 2);
  CHECK(unit.at("by_body_part").at(1).at("body_part") == "south");
  CHECK(unit.at("heterogeneity").at(0).at("parts") == Json({"north", "south"}));
  CHECK(unit.at("heterogeneity").at(0).at("df") == 1);
  run.options["by"] = "hospital";
  CHECK(holds(message_of(run), "no column 'hospital'"));
  run.options["by"] = "none";
  const Json without = run.run().results;
  CHECK(without.at("by").is_null());
  CHECK(unit_of(without, "image", "all").at("by_body_part").empty());
  run.options["by"] = "body_part";
  const Json one = run.run().results;
  CHECK(unit_of(one, "image", "all").at("heterogeneity").at(0).at("not_estimable").at("heterogeneity") ==
        "fewer_than_two_parts");
}

}  // namespace tagconf::test
