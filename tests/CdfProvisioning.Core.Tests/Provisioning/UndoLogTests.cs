using CdfProvisioning.Iot;
using CdfProvisioning.Provisioning.Undo;
using Xunit;

namespace CdfProvisioning.Tests.Provisioning;

/// <summary>What is undone of a call that failed, in which order, and what is said of the rest.</summary>
public sealed class UndoLogTests
{
    private static readonly CdfException Cause = CdfErrorCode.Throttled.Error("Too many requests.");

    private readonly UndoLog _log = new();
    private readonly List<string> _undone = [];

    [Fact]
    public async Task Changes_are_undone_newest_first_and_once()
    {
        Note("thing");
        Note("policy");
        await RunAsync();
        await RunAsync();
        Assert.Equal(["policy", "thing"], _undone);
    }

    [Fact]
    public async Task A_change_that_was_refused_is_not_undone()
    {
        Note("thing");
        Note("policy");
        _log.Withdraw();
        await RunAsync();
        Assert.Equal(["thing"], _undone);
    }

    [Fact]
    public async Task What_fails_is_tried_once_more_when_the_rest_is_done()
    {
        Note("thing");
        Note("policy", failures: 1);
        await RunAsync();
        Assert.Equal(["thing", "policy"], _undone);
    }

    [Fact]
    public async Task What_remains_is_said_after_the_cause_and_as_perhaps_if_no_answer_told_that_it_was_made()
    {
        Note("thing", failures: 2);
        _log.Confirm();
        Note("policy", failures: 2);
        var error = await Assert.ThrowsAsync<CdfException>(RunAsync);
        Assert.Equal("Too many requests. Undoing it failed too; this remains: perhaps policy (not now); thing (not now).", error.Message);
        Assert.Equal(CdfErrorCode.Throttled, error.Code);
        Assert.Same(Cause, error.InnerException);
    }

    [Fact]
    public async Task A_cause_that_is_no_error_of_AWS_becomes_a_failed_registration()
    {
        Note("thing", failures: 2);
        var error = await Assert.ThrowsAsync<CdfException>(async () => await _log.RunAsync(null!, new IOException("Disk.")));
        Assert.Equal(IotErrorType.ResourceRegistrationFailure, error.ErrorType);
    }

    [Fact]
    public async Task Undoing_goes_on_where_the_caller_has_given_up()
    {
        _log.Note(new(() => "thing", (_, token) =>
        {
            Assert.False(token.CanBeCanceled);
            _undone.Add("thing");
            return default;
        }));
        await RunAsync();
        Assert.Equal(["thing"], _undone);
    }

    private async Task RunAsync() => await _log.RunAsync(null!, Cause);

    private void Note(string what, int failures = 0) => _log.Note(new(() => what, (_, _) =>
    {
        if (failures-- > 0)
            throw new IOException("not now");
        _undone.Add(what);
        return default;
    }));
}
