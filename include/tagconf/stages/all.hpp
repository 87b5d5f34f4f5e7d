// Every stage, one function each: the file src/stages/<name>.cpp is its manual.
#pragma once

#include "tagconf/stage/stage.hpp"

namespace tagconf::stages {

stage::Stage phantom();
stage::Stage ingest();
stage::Stage audit();
stage::Stage card();
stage::Stage detect();
stage::Stage mask();
stage::Stage strip();
stage::Stage score();
stage::Stage review();
stage::Stage convert();
stage::Stage pack();
stage::Stage train();
stage::Stage train_finder();
stage::Stage adapt();
stage::Stage predict();
stage::Stage evaluate();
stage::Stage gradcam();
stage::Stage report();
stage::Stage verify();
stage::Stage power();

}  // namespace tagconf::stages
