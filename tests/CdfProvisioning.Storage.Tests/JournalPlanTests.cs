using CdfProvisioning.Lists;
using Xunit;

namespace CdfProvisioning.Storage.Tests;

/// <summary>What a list was begun with, by which request, and which certificates it replaces.</summary>
public sealed class JournalPlanTests : JournalTestBase
{
    [Fact]
    public async Task Whoever_goes_on_with_a_list_knows_all_that_it_was_begun_with()
    {
        NewTask[] plans =
        [
            new("plant", "{}", "/keys", new() { CaId = "ca" }, new("bucket", "key", "role", "aws-1"), IsOfServer: true),
            new(null, null) { KeyFile = "/keys.jsonl", KeyRecipient = "pem" },
            new(null, "{}") { IsDesiredState = true },
            new(null, "{}") { IsRotation = true },
            new(null, "{}") { Request = new("key", "hash") },
        ];
        foreach (var plan in plans)
        {
            var run = await Journal.ListAsync(1, plan);
            Assert.Equal(plan, await Journal.Store.GetPlanAsync(run.TaskId, Cancellation));
            Assert.Equal(plan, (await Journal.ClaimAsync(run.Kill())).Plan);
            Assert.Equal((plan.KeyDirectory, plan.KeyFile), ((await Journal.Store.GetAsync(run.TaskId, Cancellation)).KeyDirectory, (await Journal.Store.GetAsync(run.TaskId, Cancellation)).KeyFile));
        }

        Assert.Single(await Journal.Store.ListDesiredAsync(Cancellation));
        Assert.Equal(CdfErrorCode.NotFound, (await Assert.ThrowsAsync<CdfException>(async () => await Journal.Store.GetPlanAsync("none", Cancellation))).Code);
    }

    [Fact]
    public async Task A_request_that_is_sent_again_within_a_day_is_the_list_that_it_has_begun()
    {
        RequestIdentity request = new("key", "hash");
        var run = await Journal.DraftAsync();
        await run.IdentifyAsync(request, Cancellation);
        Assert.Null(await Journal.Store.FindAsync(request, Cancellation));
        await run.AppendAsync([Journal.Row(1)], Cancellation);
        await run.SealAsync(Cancellation);

        Assert.Equal(run.TaskId, (await Journal.Store.FindAsync(request, Cancellation))!.TaskId);
        Assert.Equal(request, (await Journal.Store.GetPlanAsync(run.TaskId, Cancellation)).Request);
        Assert.Null(await Journal.Store.FindAsync(new("other", "hash"), Cancellation));
        var error = await Assert.ThrowsAsync<CdfException>(async () => await Journal.Store.FindAsync(request with { BodyHash = "another" }, Cancellation));
        Assert.Equal(CdfErrorCode.Conflict, error.Code);
        Assert.Contains($"which became task {run.TaskId}", error.Message, StringComparison.Ordinal);

        await MakeOlderAsync(TimeSpan.FromHours(23));
        Assert.NotNull(await Journal.Store.FindAsync(request, Cancellation));
        await MakeOlderAsync(TimeSpan.FromHours(2));
        Assert.Null(await Journal.Store.FindAsync(request, Cancellation));
    }

    [Fact]
    public async Task Of_two_that_were_sent_at_once_with_one_key_the_first_becomes_a_list_and_the_other_is_forgotten()
    {
        RequestIdentity request = new("key", "hash");
        var (first, second) = (await Journal.DraftAsync(), await Journal.DraftAsync());
        foreach (var draft in new[] { first, second })
        {
            await draft.IdentifyAsync(request, Cancellation);
            await draft.AppendAsync([Journal.Row(1)], Cancellation);
        }
        await second.SealAsync(Cancellation);

        var error = await Assert.ThrowsAsync<CdfException>(async () => await first.SealAsync(Cancellation));
        await first.DisposeAsync();

        Assert.Equal(CdfErrorCode.Conflict, error.Code);
        Assert.Contains($"has become task {second.TaskId} meanwhile", error.Message, StringComparison.Ordinal);
        Assert.Equal(second.TaskId, Assert.Single(await Journal.Store.ListAsync(Cancellation).ToListAsync(Cancellation)).TaskId);
    }

    [Fact]
    public async Task A_rotation_is_pending_until_its_row_has_a_result_and_then_waits_to_be_completed_or_has_failed()
    {
        var before = DateTimeOffset.UtcNow.AddSeconds(-1);
        var draft = await Journal.DraftAsync(new(null, "{}") { IsRotation = true });
        await draft.AppendAsync([Journal.Row(1), Journal.Row(2)], Cancellation);
        await draft.AppendAsync([Journal.Row(3)], Cancellation);
        Assert.Empty(await RotationsAsync());
        await draft.SealAsync(Cancellation);
        await draft.NoteAsync(1, 0xAB, null);

        var rotations = await RotationsAsync();
        Assert.Equal([(1L, "thing-1", "old-1"), (2, "thing-2", "old-2"), (3, "thing-3", "old-3")], rotations.Select(r => (r.Row, r.ThingName, r.OldCertificateId)));
        Assert.Equal([RotationState.Waiting, RotationState.Failed, RotationState.Pending], rotations.Select(r => r.State));
        Assert.Equal(["ab", null, null], rotations.Select(r => r.NewCertificateId));
        Assert.Equal([null, "It is bad.", null], rotations.Select(r => r.Error));
        Assert.All(rotations, r => Assert.Equal((draft.TaskId, true, null), (r.TaskId, r.StartDate >= before, r.EndDate)));

        await Journal.Store.EndRotationAsync(rotations[0], RotationState.Completed, Cancellation);

        rotations = await RotationsAsync();
        Assert.Equal([RotationState.Completed, RotationState.Failed, RotationState.Pending], rotations.Select(r => r.State));
        Assert.InRange(rotations[0].EndDate!.Value, before, DateTimeOffset.UtcNow);
    }

    [Fact]
    public async Task All_rotations_of_all_tasks_come_in_the_order_in_which_they_were_begun()
    {
        var rotation = new NewTask(null, "{}") { IsRotation = true };
        await Journal.ListAsync(501, rotation);
        await Journal.ListAsync(3);
        var last = await Journal.ListAsync(600, rotation);

        Assert.Equal(Enumerable.Range(1, 501).Concat(Enumerable.Range(1, 600)).Select(row => (long)row), (await RotationsAsync()).Select(r => r.Row));

        await last.EndAsync(BulkRegistrationStatus.Completed, null, Cancellation);
        await Journal.Store.RemoveAsync(last.TaskId, Cancellation);
        Assert.Equal(501, (await RotationsAsync()).Count);
    }

    private ValueTask<int> MakeOlderAsync(TimeSpan by) =>
        Journal.Database.WriteAsync(session => session.Execute("UPDATE task SET created_at = created_at - $1", (long)by.TotalMilliseconds), Cancellation);

    private async Task<List<CertificateRotation>> RotationsAsync() => await Journal.Store.RotationsAsync(Cancellation).ToListAsync(Cancellation);
}
