#include "tagconf/nn/loader.hpp"

#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

#include "tagconf/base/error.hpp"
#include "tagconf/nn/preprocess.hpp"

namespace tagconf::nn {
namespace {

constexpr double kMostlyInFrame = 0.5;

}  // namespace

struct Loader::State {
  const NpyMap& pixels;
  std::span<const LabelledImage> images;
  const EpochPlan& plan;
  std::size_t size;
  bool count_moved_out;

  struct Slot {
    Batch batch;
    bool ready = false;
  };
  std::vector<Slot> slots;  // batch b goes through slot b % slots.size()
  std::mutex mutex;
  std::condition_variable changed;
  std::size_t claimed;   // the next batch that a worker takes up
  std::size_t wanted;    // the next batch that the reader asks for
  bool reading = false;  // the reader holds batch wanted - 1
  bool stop = false;
  std::exception_ptr failure;
  std::vector<std::jthread> workers;  // last: they end before the rest goes

  State(const NpyMap& pixels_, std::span<const LabelledImage> images_, const EpochPlan& plan_,
        std::size_t first, std::size_t slot_count, bool count_moved_out_)
      : pixels(pixels_),
        images(images_),
        plan(plan_),
        size(pixels_.shape().at(1)),
        count_moved_out(count_moved_out_),
        slots(slot_count),
        claimed(first),
        wanted(first) {}

  // Batches before this one are done with.
  [[nodiscard]] std::size_t released() const { return reading ? wanted - 1 : wanted; }

  void fill(std::size_t number, Batch& batch) const {
    const std::size_t begin = plan.starts[number];
    const std::size_t count = plan.starts[number + 1] - begin;
    const std::size_t area = size * size;
    batch.number = number;
    batch.images.assign(plan.order.begin() + static_cast<std::ptrdiff_t>(begin),
                        plan.order.begin() + static_cast<std::ptrdiff_t>(begin + count));
    batch.labels.clear();
    batch.moved_out = 0;
    batch.input.resize(count * area * 3);
    std::vector<float> plane(area);
    std::vector<float> warped(area);
    for (std::size_t i = 0; i < count; ++i) {
      const LabelledImage& image = images[batch.images[i]];
      batch.labels.push_back(static_cast<float>(image.label));
      read_plane(pixels, image.row, plane);
      if (count_moved_out &&
          share_in_frame(plane, static_cast<int>(size), plan.draws[begin + i]) < kMostlyInFrame)
        ++batch.moved_out;
      augment(plane, static_cast<int>(size), plan.draws[begin + i], warped);
      normalise(warped, std::span(batch.input).subspan(i * area * 3, area * 3));
    }
  }

  void work() {
    std::unique_lock lock(mutex);
    for (;;) {
      changed.wait(lock,
                   [&] { return stop || claimed >= plan.batches() || claimed < released() + slots.size(); });
      if (stop || claimed >= plan.batches()) return;
      const std::size_t number = claimed++;
      Slot& slot = slots[number % slots.size()];
      lock.unlock();
      std::exception_ptr problem;
      try {
        fill(number, slot.batch);
      } catch (...) {
        problem = std::current_exception();
      }
      lock.lock();
      slot.ready = true;
      if (problem && !failure) {
        failure = problem;
        stop = true;
      }
      changed.notify_all();
    }
  }
};

Loader::Loader(const NpyMap& pixels, std::span<const LabelledImage> images, const EpochPlan& plan,
               std::size_t first, int workers, bool count_moved_out)
    : state_(std::make_unique<State>(pixels, images, plan, first, static_cast<std::size_t>(workers) + 2,
                                     count_moved_out)) {
  const auto& shape = pixels.shape();
  if (shape.size() != 3 || shape[1] != shape[2])
    throw Error(ErrorCode::bug, "a loader reads square planes, N x S x S");
  for (int i = 0; i < workers; ++i) state_->workers.emplace_back([state = state_.get()] { state->work(); });
}

Loader::~Loader() {
  const std::lock_guard lock(state_->mutex);
  state_->stop = true;
  state_->changed.notify_all();
}

Batch* Loader::next() {
  State& s = *state_;
  std::unique_lock lock(s.mutex);
  if (s.reading) {
    s.slots[(s.wanted - 1) % s.slots.size()].ready = false;
    s.reading = false;
    s.changed.notify_all();
  }
  if (s.wanted >= s.plan.batches()) return nullptr;
  State::Slot& slot = s.slots[s.wanted % s.slots.size()];
  s.changed.wait(lock, [&] { return s.failure || slot.ready; });
  if (s.failure) std::rethrow_exception(s.failure);
  ++s.wanted;
  s.reading = true;
  return &slot.batch;
}

}  // namespace tagconf::nn
